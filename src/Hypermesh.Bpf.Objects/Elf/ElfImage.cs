using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>Reads a part of a file into a buffer. The part must be within the file.</summary>
internal delegate void ReadBytes(long offset, Span<byte> into);

/// <summary>The bytes of an ELF64 file of any kind and either byte order, in memory or on disk. Only the requested parts of a file on disk are read.</summary>
internal sealed class ElfImage
{
    public const int HeaderSize = 64;

    // The limit for one part of a file on disk, because a sparse file can claim gigabytes that are not there. The types of a large kernel have 10 MiB.
    private const ulong LargestPart = 64 << 20;

    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadBytes? _read;
    private readonly long _start;

    /// <summary>Opens a file in memory, which is read in place.</summary>
    /// <exception cref="BpfObjectFormatException">The file is not a 64-bit ELF file.</exception>
    public ElfImage(ReadOnlyMemory<byte> memory, string fileName)
    {
        _memory = memory;
        Length = memory.Length;
        FileName = fileName;
        Header = Identify(memory, fileName);
    }

    /// <summary>Opens a file on disk.</summary>
    /// <param name="read">Reads a part of the file that contains it.</param>
    /// <param name="start">The offset of the ELF file in that file: 0 unless it is in an archive.</param>
    /// <param name="length">The length of the ELF file.</param>
    /// <param name="fileName">A name for messages.</param>
    /// <exception cref="BpfObjectFormatException">The file is not a 64-bit ELF file.</exception>
    public ElfImage(ReadBytes read, long start, long length, string fileName)
    {
        _read = read;
        _start = start;
        Length = length;
        FileName = fileName;
        byte[] header = new byte[(int)Math.Min(length, HeaderSize)];
        read(start, header);
        Header = Identify(header, fileName);
    }

    public string FileName { get; }

    public long Length { get; }

    /// <summary>The header of the file. Offsets in the header are also offsets in the file.</summary>
    public FormatReader Header { get; }

    public bool IsLittleEndian => Header.IsLittleEndian;

    /// <summary><c>e_type</c>.</summary>
    public int Type => Header.U16(16);

    public static bool IsElf(ReadOnlySpan<byte> start) => start.Length >= 4 && start[0] == 0x7f && start[1] == 'E' && start[2] == 'L' && start[3] == 'F';

    /// <summary>Returns a whole part: in place when the file is in memory, else read from disk.</summary>
    /// <param name="offset">Its offset in the file.</param>
    /// <param name="length">Its length.</param>
    /// <param name="section">The section it belongs to, for messages.</param>
    /// <exception cref="BpfObjectFormatException">The part is outside the file, or is larger than the limit for one part.</exception>
    public FormatReader Part(ulong offset, ulong length, string? section)
    {
        Check(offset, length, section);
        if (_read is null)
        {
            return new FormatReader(_memory.Slice((int)offset, (int)length), IsLittleEndian, FileName, section);
        }

        if (length > LargestPart)
        {
            BpfObjectFormatException.Throw(FileName, section, null, $"0x{length:x} bytes are more than the limit of 0x{LargestPart:x}");
        }

        byte[] bytes = new byte[(int)length];
        _read(_start + (long)offset, bytes);
        return new FormatReader(bytes, IsLittleEndian, FileName, section);
    }

    /// <summary>Checks that a part is within the file.</summary>
    /// <exception cref="BpfObjectFormatException">The part is outside the file.</exception>
    public void Check(ulong offset, ulong length, string? section)
    {
        if (offset > (ulong)Length || length > (ulong)Length - offset)
        {
            BpfObjectFormatException.Throw(FileName, section, null, $"0x{length:x} bytes at 0x{offset:x} are outside the file of 0x{Length:x} bytes");
        }
    }

    /// <summary>Gets bytes in place; returns false when the file is not in memory.</summary>
    public bool TryGetMemory(long offset, long length, out ReadOnlySpan<byte> bytes)
    {
        bytes = _read is null ? _memory.Span.Slice((int)offset, (int)length) : default;
        return _read is null;
    }

    /// <summary>Reads a part of a file on disk. The part must be within the file.</summary>
    public void Read(long offset, Span<byte> into) => _read!(_start + offset, into);

    private static FormatReader Identify(ReadOnlyMemory<byte> image, string fileName)
    {
        ReadOnlySpan<byte> start = image.Span;
        if (start.Length < HeaderSize || !IsElf(start))
        {
            BpfObjectFormatException.Throw(
                fileName, null, 0, start.IsEmpty ? "the file is empty" : IsElf(start) ? "the file ends within the ELF header" : FileKind.Instead(start, "not an ELF file"));
        }

        if (start[4] != 2)
        {
            BpfObjectFormatException.Throw(fileName, null, 4, "only 64-bit ELF files are supported");
        }

        if (start[5] is not (1 or 2))
        {
            BpfObjectFormatException.Throw(fileName, null, 5, $"byte order {start[5]} is neither little-endian (1) nor big-endian (2)");
        }

        return new FormatReader(image.Slice(0, HeaderSize), start[5] == 1, fileName, null);
    }
}
