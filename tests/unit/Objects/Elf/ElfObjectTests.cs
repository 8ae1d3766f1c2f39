using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Elf;

/// <summary>Reading ELF: what clang wrote, in both byte orders, and files that are cut or lie.</summary>
public sealed class ElfObjectTests
{
    [Theory]
    [InlineData("small.bpf.o", true)]
    [InlineData("small-be.bpf.o", false)]
    public void What_clang_wrote_is_read_in_either_byte_order(string name, bool isLittleEndian)
    {
        ElfObject elf = TestData.Elf(name);

        Assert.Equal((isLittleEndian, ElfObject.BpfMachine), (elf.IsLittleEndian, elf.Machine));
        ElfSection socket = elf.FindSection("socket")!;
        Assert.True(socket.IsExecutable);
        ElfSymbol first = Assert.Single(elf.Symbols, s => s.Name == "first");
        Assert.Equal((ElfSymbolType.Function, ElfSymbolBinding.Global, socket.Index, 0UL), (first.Type, first.Binding, first.SectionIndex, first.Value));
        Assert.Equal(socket.Size, first.Size);
        Assert.Equal("Dual BSD/GPL\0", System.Text.Encoding.ASCII.GetString(elf.FindSection("license")!.Data.Span));
        Assert.Contains("threshold", elf.RelocationsOf(socket).Select(r => elf.Symbols[r.SymbolIndex].Name));
        Assert.Equal((16UL, 0), (elf.FindSection(".bss")!.Size, elf.FindSection(".bss")!.Data.Length));
        Assert.Null(elf.FindSection("nowhere"));
    }

    [Fact]
    public void A_file_cut_anywhere_is_rejected()
    {
        byte[] image = TestData.Bytes("small.bpf.o");
        for (int length = 0; length < image.Length; length++)
        {
            BpfObjectFormatException e = Assert.Throws<BpfObjectFormatException>(() => ElfObject.Read(image.AsMemory(0, length), "cut"));
            Assert.Equal("cut", e.FileName);
        }
    }

    [Theory]
    [InlineData(0, 1, "not an ELF")]
    [InlineData(4, 1, "64-bit")]
    [InlineData(5, 3, "byte order")]
    [InlineData(16, 2, "relocatable")]
    [InlineData(40, 0xff, "outside the file")]
    [InlineData(47, 0xff, "outside the file")]
    [InlineData(58, 65, "section headers")]
    [InlineData(61, 0xff, "outside the file")]
    [InlineData(63, 0xff, "section names")]
    public void A_wrong_header_is_rejected(int at, byte value, string says)
    {
        byte[] image = TestData.Bytes("small.bpf.o");
        image[at] = value;

        Assert.Contains(says, Assert.Throws<BpfObjectFormatException>(() => ElfObject.Read(image, "lies")).Message);
    }

    [Theory]
    [InlineData(0, 4, 0x7fffffffUL)]   // name
    [InlineData(24, 8, ulong.MaxValue)] // offset
    [InlineData(32, 8, ulong.MaxValue)] // size
    [InlineData(24, 8, 1UL << 63)]
    public void A_section_outside_the_file_is_rejected(int field, int width, ulong value)
    {
        byte[] image = TestData.Bytes("small.bpf.o");
        int section = TestData.Elf("small.bpf.o").FindSection("socket")!.Index;
        Span<byte> at = image.AsSpan((int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(40)) + (section * 64) + field);
        if (width == 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, value);
        }

        Assert.Throws<BpfObjectFormatException>(() => ElfObject.Read(image, "lies"));
    }
}
