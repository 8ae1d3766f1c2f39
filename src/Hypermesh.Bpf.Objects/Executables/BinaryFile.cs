namespace Hypermesh.Bpf.Objects.Executables;

/// <summary>
/// A program or library on disk (ELF64, <c>ET_EXEC</c> or <c>ET_DYN</c>), as far as attaching to it needs: what is loaded where, its sections, its functions.
/// Only the parts asked for are read.
/// </summary>
internal sealed class BinaryFile
{
    private const int HeaderSize = 64;
    private const int SegmentHeaderSize = 56;
    private const int SectionHeaderSize = 64;
    private const int ExecutableFile = 2;
    private const int SharedFile = 3;
    private const uint Loaded = 1;
    private const uint Executable = 1;

    // The limit for headers, notes and versions; symbols and their names are read as needed. In a web browser's binary these parts have about a megabyte.
    private const ulong LargestPart = 64 << 20;

    private readonly ReadBytes _read;
    private readonly long _start;
    private readonly long _length;
    private readonly bool _isLittleEndian;

    private BinaryFile(ReadBytes read, long start, long length, string path)
    {
        _read = read;
        _start = start;
        _length = length;
        Path = path;
        byte[] header = length < HeaderSize ? [] : new byte[HeaderSize];
        read(start, header);
        ReadOnlySpan<byte> magic = header;
        if (magic.Length < HeaderSize || magic[0] != 0x7f || magic[1] != 'E' || magic[2] != 'L' || magic[3] != 'F')
        {
            BpfObjectFormatException.Throw(path, null, 0, "this is not an ELF file, so it has no functions to attach to");
        }

        if (magic[4] != 2 || magic[5] is not (1 or 2))
        {
            BpfObjectFormatException.Throw(path, null, 4, "only 64-bit ELF files can be attached to");
        }

        _isLittleEndian = magic[5] == 1;
        var reader = new FormatReader(header, _isLittleEndian, path, null);
        int kind = reader.U16(16);
        if (kind is not (ExecutableFile or SharedFile))
        {
            reader.Fail(16, $"ELF type {kind} is neither a program (2) nor a library (3)");
        }

        IsShared = kind == SharedFile;
        Segments = ReadSegments(reader);
        Sections = ReadSections(reader);
    }

    internal string Path { get; }

    /// <summary>True for libraries and for programs that may be loaded anywhere.</summary>
    internal bool IsShared { get; }

    internal IReadOnlyList<BinarySegment> Segments { get; }

    internal IReadOnlyList<BinarySection> Sections { get; }

    /// <summary>Reads a file's headers.</summary>
    /// <param name="read">Reads a part of the file that holds it.</param>
    /// <param name="start">Where the ELF file begins in that file: 0 unless it lies in an archive.</param>
    /// <param name="length">The ELF file's length.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="BpfObjectFormatException">It is no 64-bit program or library, or is damaged.</exception>
    internal static BinaryFile Read(ReadBytes read, long start, long length, string path) => new(read, start, length, path);

    internal BinarySection? Find(string name)
    {
        foreach (BinarySection section in Sections)
        {
            if (section.Name == name)
            {
                return section;
            }
        }

        return null;
    }

    internal BinarySection? Find(uint type)
    {
        foreach (BinarySection section in Sections)
        {
            if (section.Type == type)
            {
                return section;
            }
        }

        return null;
    }

    /// <summary>True for a little-endian file.</summary>
    internal bool IsLittleEndian => _isLittleEndian;

    /// <summary>Reads a whole section; for those that are small in every file.</summary>
    internal FormatReader Contents(BinarySection section)
        => section.Type == BinarySection.NoBits
            ? new FormatReader(default, _isLittleEndian, Path, section.Name)
            : Part(section.Offset, section.Size, section.Name);

    /// <summary>The number of bytes of a section that are in the file.</summary>
    internal long LengthOf(BinarySection section)
    {
        if (section.Type == BinarySection.NoBits)
        {
            return 0;
        }

        Check(section.Offset, section.Size, section.Name);
        return (long)section.Size;
    }

    /// <summary>Reads a part of a section.</summary>
    internal void Read(BinarySection section, long offset, Span<byte> into) => _read(_start + (long)section.Offset + offset, into);

    /// <summary>The segment an address is loaded with, null when nothing is loaded there.</summary>
    internal BinarySegment? SegmentAt(ulong address)
    {
        foreach (BinarySegment segment in Segments)
        {
            if (segment.Holds(address))
            {
                return segment;
            }
        }

        return null;
    }

    private FormatReader Part(ulong offset, ulong length, string? section)
    {
        Check(offset, length, section);
        if (length > LargestPart)
        {
            BpfObjectFormatException.Throw(Path, section, null, $"0x{length:x} bytes are more than the 0x{LargestPart:x} that are read at once");
        }

        byte[] bytes = new byte[(int)length];
        _read(_start + (long)offset, bytes);
        return new FormatReader(bytes, _isLittleEndian, Path, section);
    }

    private void Check(ulong offset, ulong length, string? section)
    {
        if (offset > (ulong)_length || length > (ulong)_length - offset)
        {
            BpfObjectFormatException.Throw(Path, section, null, $"0x{length:x} bytes at 0x{offset:x} lie outside the file of 0x{_length:x} bytes");
        }
    }

    private BinarySegment[] ReadSegments(FormatReader header)
    {
        int count = header.U16(56);
        if (count == 0)
        {
            return [];
        }

        if (header.U16(54) != SegmentHeaderSize)
        {
            header.Fail(54, $"program headers of {header.U16(54)} bytes; {SegmentHeaderSize} are defined");
        }

        FormatReader table = Part(header.U64(32), (ulong)count * SegmentHeaderSize, null);
        var segments = new List<BinarySegment>();
        for (int i = 0; i < count; i++)
        {
            long at = (long)i * SegmentHeaderSize;
            if (table.U32(at) == Loaded)
            {
                segments.Add(new BinarySegment(table.U64(at + 16), table.U64(at + 40), table.U64(at + 8), (table.U32(at + 4) & Executable) != 0));
            }
        }

        return [.. segments];
    }

    private BinarySection[] ReadSections(FormatReader header)
    {
        int count = header.U16(60);
        int names = header.U16(62);
        if (count == 0)
        {
            return [];
        }

        if (header.U16(58) != SectionHeaderSize || names >= count)
        {
            header.Fail(58, $"section headers of {header.U16(58)} bytes, names in section {names} of {count}");
        }

        FormatReader table = Part(header.U64(40), (ulong)count * SectionHeaderSize, null);
        long namesAt = (long)names * SectionHeaderSize;
        var strings = new BinaryWindow(this, new BinarySection("", table.U32(namesAt + 4), 0, table.U64(namesAt + 24), table.U64(namesAt + 32), 0));
        var sections = new BinarySection[count];
        for (int i = 1; i < count; i++)
        {
            long at = (long)i * SectionHeaderSize;
            sections[i] = new BinarySection(
                strings.String(table.U32(at)), table.U32(at + 4), table.U64(at + 16), table.U64(at + 24), table.U64(at + 32), table.U32(at + 40));
        }

        sections[0] = new BinarySection("", 0, 0, 0, 0, 0);
        return sections;
    }
}

/// <summary>Reads a part of a file, which lies within it, into a buffer.</summary>
internal delegate void ReadBytes(long offset, Span<byte> into);

/// <summary>A section of a program or library, as its header says.</summary>
internal readonly record struct BinarySection(string Name, uint Type, ulong Address, ulong Offset, ulong Size, uint Link)
{
    internal const uint SymbolTable = 2;
    internal const uint Note = 7;
    internal const uint NoBits = 8;
    internal const uint DynamicSymbols = 11;
    internal const uint VersionDefinitions = 0x6ffffffd;
    internal const uint Versions = 0x6fffffff;
}

/// <summary>A part of a program or library that is loaded into memory (<c>PT_LOAD</c>).</summary>
internal readonly record struct BinarySegment(ulong Address, ulong Size, ulong FileOffset, bool IsExecutable)
{
    internal bool Holds(ulong address) => address >= Address && address - Address < Size;
}

/// <summary>A function of a program or library.</summary>
/// <param name="Name">Its name without version.</param>
/// <param name="FileOffset">Where its code begins in the file.</param>
/// <param name="IsWeak">True when another of that name goes before it.</param>
/// <param name="Version">The number of its version, 0 without.</param>
/// <param name="IsHiddenVersion">True for a version kept for old callers (<c>name@VERSION</c>), false for the default (<c>name@@VERSION</c>).</param>
internal readonly record struct BinarySymbol(string Name, ulong FileOffset, bool IsWeak, int Version, bool IsHiddenVersion);

/// <summary>
/// Reads a section block by block, as needed: a sparse file can claim gigabytes that are not on the disk, and few of a large program's names are ever read.
/// </summary>
internal sealed class BinaryWindow(BinaryFile file, BinarySection section)
{
    /// <summary>The size of a block: a multiple of 2, 8 and 24, so that no entry of these sizes crosses its end.</summary>
    public const int BlockSize = 64 * 1008;

    private const int Slots = 16;

    // Longer than the names that compilers make; the rest of a longer one is dropped.
    private const int LongestString = 16 * 1024;

    private readonly (long Number, byte[] Bytes)[] _slots = new (long, byte[])[Slots];

    /// <summary>The section's size in bytes.</summary>
    public long Length { get; } = file.LengthOf(section);

    /// <summary>The bytes from an offset to the end of its block.</summary>
    public ReadOnlySpan<byte> From(long offset)
    {
        if (offset < 0 || offset >= Length)
        {
            BpfObjectFormatException.Throw(file.Path, section.Name, offset, $"the file refers to this offset, but there are only {Length} bytes");
        }

        long number = offset / BlockSize;
        int count = (int)Math.Min(BlockSize, Length - (number * BlockSize));
        ref (long Number, byte[] Bytes) slot = ref _slots[number % Slots];
        if (slot.Bytes is null || slot.Number != number)
        {
            slot.Bytes ??= new byte[(int)Math.Min(BlockSize, Length)];
            file.Read(section, number * BlockSize, slot.Bytes.AsSpan(0, count));
            slot.Number = number;
        }

        return slot.Bytes.AsSpan(0, count).Slice((int)(offset - (number * BlockSize)));
    }

    /// <summary>The text from an offset to the next NUL; only the beginning of a very long one.</summary>
    public string String(long offset)
    {
        ReadOnlySpan<byte> first = From(offset);
        int end = first.IndexOf((byte)0);
        if (end >= 0)
        {
            return FormatReader.Utf8(first.Slice(0, Math.Min(end, LongestString)));
        }

        byte[] text = new byte[LongestString];
        int length = 0;
        while (length < LongestString)
        {
            ReadOnlySpan<byte> more = From(offset + length);
            end = more.IndexOf((byte)0);
            more = more.Slice(0, Math.Min(end < 0 ? more.Length : end, LongestString - length));
            more.CopyTo(text.AsSpan(length));
            length += more.Length;
            if (end >= 0)
            {
                break;
            }
        }

        return FormatReader.Utf8(text.AsSpan(0, length));
    }
}
