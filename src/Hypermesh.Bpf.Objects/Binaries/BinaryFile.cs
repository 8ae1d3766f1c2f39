namespace Hypermesh.Bpf.Objects.Binaries;

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
