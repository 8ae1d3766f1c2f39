using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Executables;

/// <summary>
/// A program or library on disk (ELF64, <c>ET_EXEC</c> or <c>ET_DYN</c>), with the parts that are needed to attach to it: its segments, sections and functions.
/// Only the requested parts are read.
/// </summary>
internal sealed class BinaryFile
{
    private const int SegmentHeaderSize = 56;
    private const int ExecutableFile = 2;
    private const int SharedFile = 3;
    private const uint Loaded = 1;
    private const uint Executable = 1;

    private readonly ElfImage _image;
    private readonly ElfSectionTable _table;

    private BinaryFile(ElfImage image)
    {
        _image = image;
        if (image.Type is not (ExecutableFile or SharedFile))
        {
            image.Header.Fail(16, $"ELF type {image.Type} is neither a program (2) nor a library (3)");
        }

        IsShared = image.Type == SharedFile;
        Segments = ReadSegments(image);
        _table = ElfSectionTable.Read(image);
    }

    internal string Path => _image.FileName;

    /// <summary>True for libraries and for position-independent programs.</summary>
    internal bool IsShared { get; }

    /// <summary>True for a little-endian file.</summary>
    internal bool IsLittleEndian => _image.IsLittleEndian;

    internal IReadOnlyList<BinarySegment> Segments { get; }

    internal IReadOnlyList<ElfSectionHeader> Sections => _table.Headers;

    /// <summary>Reads a file's headers.</summary>
    /// <param name="read">Reads a part of the file that contains it.</param>
    /// <param name="start">The offset of the ELF file in that file: 0 unless it is in an archive.</param>
    /// <param name="length">The ELF file's length.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="BpfObjectFormatException">The file is not a 64-bit program or library, or is damaged.</exception>
    internal static BinaryFile Read(ReadBytes read, long start, long length, string path) => new(new ElfImage(read, start, length, path));

    internal ElfSectionHeader? Find(string name) => _table.Find(name);

    internal ElfSectionHeader? Find(ElfSectionType type) => _table.Find(type);

    /// <summary>Reads a whole section, for sections that are small in every file.</summary>
    internal FormatReader Contents(in ElfSectionHeader section) => _table.Contents(section);

    /// <summary>Opens a section whose blocks are read as needed.</summary>
    internal ElfWindow Window(in ElfSectionHeader section) => new(_image, section);

    /// <summary>Returns the segment that contains an address; null when there is none.</summary>
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

    private static BinarySegment[] ReadSegments(ElfImage image)
    {
        FormatReader header = image.Header;
        int count = header.U16(56);
        if (count == 0)
        {
            return [];
        }

        if (header.U16(54) != SegmentHeaderSize)
        {
            header.Fail(54, $"program headers have {header.U16(54)} bytes instead of {SegmentHeaderSize}");
        }

        FormatReader table = image.Part(header.U64(32), (ulong)count * SegmentHeaderSize, null);
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
}

/// <summary>A part of a program or library that is loaded into memory (<c>PT_LOAD</c>).</summary>
internal readonly record struct BinarySegment(ulong Address, ulong Size, ulong FileOffset, bool IsExecutable)
{
    internal bool Holds(ulong address) => address >= Address && address - Address < Size;
}

/// <summary>A function of a program or library.</summary>
/// <param name="Name">Its name without version.</param>
/// <param name="FileOffset">The offset of its code in the file.</param>
/// <param name="IsWeak">True when another function with that name has precedence.</param>
/// <param name="Version">The index of its version; 0 without one.</param>
/// <param name="IsHiddenVersion">True for a version kept for old callers (<c>name@VERSION</c>), false for the default (<c>name@@VERSION</c>).</param>
internal readonly record struct BinarySymbol(string Name, ulong FileOffset, bool IsWeak, int Version, bool IsHiddenVersion)
{
    /// <summary>The size of its code in bytes; 0 where the table does not say.</summary>
    internal ulong Size { get; init; }
}
