using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Executables;
using Hypermesh.Bpf.Objects.Usdt;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Executables;

/// <summary>Programs and libraries on disk, whole and damaged.</summary>
public sealed class BinaryFileTests
{
    private static readonly byte[] s_program = File.ReadAllBytes(Environment.ProcessPath!);

    [Fact]
    public void Segments_and_functions_are_found()
    {
        BinaryFile file = Read(s_program);

        Assert.Contains(file.Segments, static segment => segment.IsExecutable);
        Assert.NotNull(file.Find(ElfSectionHeader.DynamicSymbols));
        Assert.Null(BinarySymbols.Find(file, "no_such_function_in_any_program"));
    }

    [Fact]
    public void A_file_that_is_not_a_program_is_reported()
    {
        Assert.Contains("not an ELF file", Assert.Throws<BpfObjectFormatException>(() => Read([1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("neither a program", Assert.Throws<BpfObjectFormatException>(() => Read(TestData.Bytes("small.bpf.o").ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_ends_in_one_kind_of_exception()
    {
        var random = new Random(20261123);
        byte[] image = [.. s_program];
        long table = BitConverter.ToInt64(image, 40);
        for (int round = 0; round < 3_000; round++)
        {
            byte[] damaged = [.. image];
            for (int i = 0; i < 3; i++)
            {
                // The header, the program headers, and the section headers, which lie at the end.
                int at = random.Next(3) switch { 0 => random.Next(64), 1 => 64 + random.Next(600), _ => (int)table + random.Next(image.Length - (int)table) };
                damaged[at] = (byte)random.Next(256);
            }

            try
            {
                BinaryFile file = Read(damaged);
                BinarySymbols.Find(file, "main");
                BinarySymbols.Matching(file, "a*b");
                _ = new SymbolVersions(file);
                UsdtNotes.Find(file, "a", "b");
            }
            catch (BpfException)
            {
                // It is reported as damaged, which is enough.
            }
        }
    }

    [Theory]
    [InlineData(ElfSectionType.SymbolTable)]
    [InlineData(ElfSectionHeader.DynamicSymbols)]
    internal void A_sparse_table_of_gigabytes_is_read_without_its_holes(ElfSectionType type)
    {
        // Whole symbols, the last of them a function, whose name is the last of three gigabytes of names.
        const long Symbols = (2L << 30) / 24 * 24;
        const long Names = 3L << 30;
        var sparse = new SparseBinary(6);
        sparse.Section(2, (uint)type, 1 << 20, Symbols, 3);
        sparse.Section(3, 3, 4L << 30, Names, 0);
        sparse.Section(4, 1, 0x1000, 0x1000, 0);
        sparse.Put((4L << 30) + Names - 5, "last\0"u8.ToArray());
        byte[] symbol = new byte[24];
        BitConverter.TryWriteBytes(symbol, (uint)(Names - 5));
        symbol[4] = 0x12;
        symbol[6] = 4;
        BitConverter.TryWriteBytes(symbol.AsSpan(8), 0x1234L);
        sparse.Put((1 << 20) + Symbols - 24, symbol);
        var work = Work.Begin();

        BinaryFile file = BinaryFile.Read(sparse.Read, 0, 8L << 30, "sparse");

        Assert.Equal(0x1234UL, BinarySymbols.Find(file, "last"));
        Assert.Equal([0x1234UL], BinarySymbols.Matching(file, "l*t"));
        Assert.InRange(work.Bytes, 0, 8 << 20);
        Assert.InRange(work.Time, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Notes_and_versions_of_gigabytes_are_rejected()
    {
        var sparse = new SparseBinary(6);
        sparse.Section(2, (uint)ElfSectionHeader.Note, 1 << 20, 2L << 30, 0, ".note.stapsdt");
        sparse.Section(3, (uint)ElfSectionHeader.VersionDefinitions, 1 << 20, 2L << 30, 1);
        BinaryFile file = BinaryFile.Read(sparse.Read, 0, 8L << 30, "sparse");
        Assert.Contains("bytes are more than the limit of", Assert.Throws<BpfObjectFormatException>(() => UsdtNotes.Find(file, "a", "b")).Message, StringComparison.Ordinal);
        Assert.Contains("bytes are more than the limit of", Assert.Throws<BpfObjectFormatException>(() => new SymbolVersions(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_across_blocks_are_whole_and_endless_ones_are_cut()
    {
        var sparse = new SparseBinary(6);
        sparse.Section(2, 3, 1 << 20, 4 * ElfWindow.BlockSize, 0, "names");
        sparse.Put((1 << 20) + ElfWindow.BlockSize - 3, "across\0"u8.ToArray());
        sparse.Put((1 << 20) + (2 * ElfWindow.BlockSize), [.. Enumerable.Repeat((byte)'n', 2 * ElfWindow.BlockSize)]);
        BinaryFile file = BinaryFile.Read(sparse.Read, 0, 8L << 30, "sparse");
        ElfWindow names = file.Window(file.Find("names")!.Value);

        Assert.Equal(("across", "", "cross"), (names.String(ElfWindow.BlockSize - 3), names.String(0), names.String(ElfWindow.BlockSize - 2)));
        Assert.Equal(new string('n', 16 * 1024), names.String((3 * ElfWindow.BlockSize) - 7));
        Assert.Throws<BpfObjectFormatException>(() => names.String((4 * ElfWindow.BlockSize) - 7));
        Assert.Throws<BpfObjectFormatException>(() => names.String(4 * ElfWindow.BlockSize));
    }

    private static BinaryFile Read(byte[] image) => BinaryFile.Read((offset, into) => image.AsSpan((int)offset, into.Length).CopyTo(into), 0, image.Length, "program");

    // A library of eight gigabytes that are zero but for what is put there.
    private sealed class SparseBinary
    {
        private const long Table = 64;
        private readonly List<(long Offset, byte[] Bytes)> _parts = [];
        private readonly List<byte> _names = [0];

        internal SparseBinary(int sections)
        {
            byte[] header = new byte[64];
            "\u007fELF\u0002\u0001\u0001"u8.CopyTo(header);
            header[16] = 3;
            BitConverter.TryWriteBytes(header.AsSpan(40), Table);
            header[58] = 64;
            header[60] = (byte)sections;
            header[62] = 1;
            Put(0, header);
            Section(1, 3, 0x8000, 0x1000, 0);
        }

        internal void Put(long offset, byte[] bytes) => _parts.Add((offset, bytes));

        internal void Section(int index, uint type, long offset, long size, uint link, string name = "")
        {
            byte[] header = new byte[64];
            BitConverter.TryWriteBytes(header, name.Length == 0 ? 0 : _names.Count);
            BitConverter.TryWriteBytes(header.AsSpan(4), type);
            BitConverter.TryWriteBytes(header.AsSpan(16), offset);
            BitConverter.TryWriteBytes(header.AsSpan(24), offset);
            BitConverter.TryWriteBytes(header.AsSpan(32), size);
            BitConverter.TryWriteBytes(header.AsSpan(40), link);
            Put(Table + (index * 64), header);
            _names.AddRange(System.Text.Encoding.ASCII.GetBytes(name + "\0"));
            Put(0x8000, [.. _names]);
        }

        internal void Read(long offset, Span<byte> into)
        {
            into.Clear();
            foreach ((long start, byte[] bytes) in _parts)
            {
                long from = Math.Max(offset, start);
                long to = Math.Min(offset + into.Length, start + bytes.Length);
                if (from < to)
                {
                    bytes.AsSpan((int)(from - start), (int)(to - from)).CopyTo(into[(int)(from - offset)..]);
                }
            }
        }
    }
}
