using System.Buffers.Binary;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Executables;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Elf;

/// <summary>Section tables: objects, programs and files of types are read by one reader with the same checks.</summary>
public sealed class ElfSectionTableTests
{
    [Fact]
    public void A_program_on_disk_and_in_memory_has_the_same_sections()
    {
        byte[] program = File.ReadAllBytes(Environment.ProcessPath!);

        ElfSectionTable inMemory = ElfSectionTable.Read(new ElfImage(program, "program"));
        ElfSectionTable onDisk = ElfSectionTable.Read(OnDisk(program));

        Assert.Equal(inMemory.Headers, onDisk.Headers);
        Assert.Contains(inMemory.Headers, static header => header.Name == ".text");
        ElfSectionHeader text = inMemory.Find(".dynstr")!.Value;
        Assert.True(inMemory.Contents(text).Data.Span.SequenceEqual(onDisk.Contents(text).Data.Span));
    }

    [Theory]
    [InlineData(40, 0xff, "are outside the file")]
    [InlineData(47, 0xff, "are outside the file")]
    [InlineData(58, 65, "section headers have 65 bytes instead of 64")]
    [InlineData(61, 0xff, "are outside the file")]
    [InlineData(63, 0xff, "has the section names, but the file has only")]
    public void A_wrong_header_is_reported_alike_by_every_reader(int at, byte value, string says)
    {
        byte[] image = TestData.Bytes("small.bpf.o");
        image[at] = value;

        AssertReported(image, says);
    }

    [Theory]
    [InlineData(0, 0x7fffffff, "refers to this offset")] // the place of the name
    [InlineData(24, 0x7fffffff, "are outside the file")] // the offset of the contents
    [InlineData(32, 0x7fffffff, "are outside the file")] // their size
    public void A_wrong_section_is_reported_alike_by_every_reader(int field, uint value, string says)
    {
        byte[] image = TestData.Bytes("small.bpf.o");
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(40));
        int types = TestData.Elf("small.bpf.o").FindSection(".BTF")!.Index;
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(table + (types * 64) + field), value);

        AssertReported(image, says);
    }

    [Fact]
    public void Names_that_share_their_ends_are_limited()
    {
        var elf = new ElfBuilder();
        uint name = elf.Name(new string('n', 16_000));
        for (uint i = 0; i < 3_000; i++)
        {
            elf.Section(name + i, ElfBuilder.NoBits, 0, []);
        }

        byte[] image = elf.Build();

        Assert.Contains("the names overlap", Assert.Throws<BpfObjectFormatException>(() => ElfSectionTable.Read(new ElfImage(image, "names"))).Message, StringComparison.Ordinal);
        Assert.Contains("the names overlap", Assert.Throws<BpfObjectFormatException>(() => ElfSectionTable.Read(OnDisk(image))).Message, StringComparison.Ordinal);
    }

    private static void AssertReported(byte[] image, string says)
    {
        byte[] program = [.. image];
        program[16] = ElfBuilder.Executable;
        string[] reported =
        [
            Message(() => ElfObject.Read(image, "file")),
            Message(() => BtfTypes.ReadFile(image, "file")),
            Message(() =>
            {
                BinaryFile file = BinaryFile.Read(Reader(program), 0, program.Length, "file");
                file.Contents(file.Find(".BTF")!.Value);
            }),
        ];

        Assert.Contains(says, Assert.Single(reported.Distinct()), StringComparison.Ordinal);
    }

    private static string Message(Action read) => Assert.Throws<BpfObjectFormatException>(read).Message;

    private static ElfImage OnDisk(byte[] image) => new(Reader(image), 0, image.Length, "program");

    private static ReadBytes Reader(byte[] image) => (offset, into) => image.AsSpan((int)offset, into.Length).CopyTo(into);
}
