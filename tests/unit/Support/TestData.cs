using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>The compiled objects in testdata; how each is made stands in its C file.</summary>
internal static class TestData
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Objects", "testdata", name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));

    public static ElfObject Elf(string name) => ElfObject.Read(Bytes(name), name);

    public static BtfTypes Btf(ElfObject elf) => BtfTypes.Read(elf.FindSection(".BTF")!.Data, elf.FileName);
}
