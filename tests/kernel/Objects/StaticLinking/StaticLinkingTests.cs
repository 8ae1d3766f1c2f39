using System.Diagnostics;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Tests.Kernel.Objects.StaticLinking;

/// <summary>Two objects linked and loaded: programs, maps, globals and functions are shared as their C says, and as libbpf's linker has it.</summary>
public sealed class StaticLinkingTests : KernelTest
{
    private const int Key = 1;

    // What each object's C adds up: its own step, the other's function with the strong variable, the strong function, the other's global, the kernel's version being one.
    private const ulong Sum = (10 + 101) + (7 + 502 + 300_000) + 20_000 + 40 + 1;
    private const ulong Total = Sum + (1 + 5) + 1;

    [StructLayout(LayoutKind.Sequential)]
    private record struct Pair(ulong Left, ulong Right);

    [Theory]
    [InlineData("first", "second")]
    [InlineData("second", "first")]
    [Row("externs", "static linking of objects, weak symbols resolved")]
    [Row("lifecycle", "static linker")]
    public void Objects_linked_by_us_work_as_one(params string[] order) => Check(BpfLinker.Link([.. order.Select(One)], "linked"));

    [Fact]
    [Row("externs", "static linking of objects, weak symbols resolved")]
    public void Objects_linked_by_libbpf_do_the_same()
    {
        string folder = Directory.CreateTempSubdirectory("hypermesh-link").FullName;
        try
        {
            string linked = Path.Combine(folder, "linked.bpf.o");
            string[] parts = [.. new[] { "first", "second" }.Select(name => Path.Combine(AppContext.BaseDirectory, "link", $"link-{name}.bpf.o"))];
            using Process? tool = Start("unshare", ["-m", "bpftool", "gen", "object", linked, .. parts]);
            Assert.SkipWhen(tool is null, "there is no bpftool here to compare with");
            tool.WaitForExit();
            Assert.SkipWhen(tool.ExitCode == 127, "there is no bpftool here to compare with");
            Assert.Equal(0, tool.ExitCode);
            Check(File.ReadAllBytes(linked));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process? Start(string tool, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static (ReadOnlyMemory<byte> Image, string Name) One(string name)
        => (File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "link", $"link-{name}.bpf.o")), name);

    private void Check(byte[] image)
    {
        BpfObjectSpec spec = BpfObjectSpec.Read(image, "linked");
        BpfObject live = Own(BpfObject.Load(spec));
        foreach (string name in new[] { "first", "second" })
        {
            ulong argument = 0;
            Assert.Equal(0u, live.GetProgram<BpfRawTracepointProgram>(name).TestRun(ref argument).ReturnValue);
        }

        BpfGlobalSection zeroes = live.GetSection(".bss");
        Assert.Equal((Sum, Total), (zeroes.Read<ulong>(Offset(spec, "sum")), zeroes.Read<ulong>(Offset(spec, "total"))));
        Assert.Equal(new Pair(1, 2), new BpfArrayMap<Pair>(live.GetMap("shared_map"))[Key]);
    }

    private static int Offset(BpfObjectSpec spec, string name) => spec.DataSection(".bss").Variables.Single(variable => variable.Name == name).Offset;
}
