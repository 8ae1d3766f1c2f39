using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Btf;

/// <summary>Reading .BTF.ext: functions, lines and relocations by section, and blobs that lie.</summary>
public sealed class BtfExtensionTests
{
    private static readonly ElfObject s_object = TestData.Elf("small.bpf.o");
    private static readonly BtfTypes s_types = TestData.Btf(s_object);

    private static byte[] Blob => s_object.FindSection(".BTF.ext")!.Data.ToArray();

    [Theory]
    [InlineData("small.bpf.o")]
    [InlineData("small-be.bpf.o")]
    public void What_clang_wrote_is_read_in_either_byte_order(string name)
    {
        ElfObject elf = TestData.Elf(name);
        BtfTypes types = TestData.Btf(elf);
        BtfExtension extension = BtfExtension.Read(elf.FindSection(".BTF.ext")!.Data, name, types);

        Assert.Equal("first", types[Assert.Single(extension.FunctionsOf("socket")).TypeId].Name);
        Assert.Equal("second", types[Assert.Single(extension.FunctionsOf("?raw_tp/sched_switch")).TypeId].Name);
        Assert.Equal([8u, 48u], extension.RelocationsOf("socket").Select(r => r.InstructionOffset));
        Assert.All(
            extension.RelocationsOf("socket"),
            r => Assert.Equal((CoreRelocationKind.FieldByteOffset, "moved", "0:0"), (r.Kind, types[r.TypeId].Name, types.GetString(r.AccessOffset))));
        Assert.Contains(extension.LinesOf("socket"), l => types.GetString(l.TextOffset).Contains("p->pid > threshold"));
        Assert.Empty(extension.LinesOf("nowhere"));
    }

    [Fact]
    public void A_file_cut_anywhere_is_rejected_with_the_place()
    {
        byte[] blob = Blob;
        for (int length = 0; length < blob.Length; length++)
        {
            BpfObjectFormatException e = Assert.Throws<BpfObjectFormatException>(() => BtfExtension.Read(blob.AsMemory(0, length), "cut", s_types));
            Assert.Equal(("cut", ".BTF.ext"), (e.FileName, e.SectionName));
            Assert.NotNull(e.Offset);
        }
    }

    [Theory]
    [InlineData(0, 0u)]            // magic
    [InlineData(4, 12u)]           // header length
    [InlineData(12, 0x7fffffffu)]  // length of the functions
    [InlineData(32, 4u)]           // size of a function's record
    [InlineData(32, 9u)]
    [InlineData(40, 0xffffffffu)]  // how many functions
    [InlineData(36, 0x7fffffffu)]  // the section's name
    [InlineData(48, 0x7fffffffu)]  // the function's type
    public void A_wrong_count_or_offset_is_rejected(int at, uint value)
    {
        byte[] blob = Blob;
        BitConverter.TryWriteBytes(blob.AsSpan(at), value);

        Assert.Throws<BpfObjectFormatException>(() => BtfExtension.Read(blob, "lies", s_types));
    }
}
