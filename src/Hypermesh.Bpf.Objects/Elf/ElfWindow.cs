namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>
/// Reads a section in place, or for a file on disk block by block as needed. A sparse file can claim gigabytes that are not on the disk, and only few names of a large
/// program are read.
/// </summary>
internal sealed class ElfWindow
{
    /// <summary>The size of a block: a multiple of 2, 8 and 24, so that no entry of these sizes crosses its end.</summary>
    public const int BlockSize = 64 * 1008;

    private const int Slots = 16;

    // Longer than the names that compilers write; a longer name is truncated.
    private const int LongestString = 16 * 1024;

    private readonly ElfImage _image;
    private readonly ElfSectionHeader _section;
    private readonly (long Number, byte[] Bytes)[] _slots = new (long, byte[])[Slots];

    /// <exception cref="BpfObjectFormatException">The section is outside the file.</exception>
    public ElfWindow(ElfImage image, in ElfSectionHeader section)
    {
        _image = image;
        _section = section;
        if (section.HasContents)
        {
            image.Check(section.Offset, section.Size, section.Name);
            Length = (long)section.Size;
        }
    }

    /// <summary>The number of bytes of the section that are in the file.</summary>
    public long Length { get; }

    /// <summary>Returns the bytes from an offset to the end of its block or of the section.</summary>
    /// <exception cref="BpfObjectFormatException">The offset is outside the section.</exception>
    public ReadOnlySpan<byte> From(long offset)
    {
        if (offset < 0 || offset >= Length)
        {
            BpfObjectFormatException.Throw(_image.FileName, _section.Name, offset, $"the file refers to this offset, but the section has only {Length} bytes");
        }

        if (_image.TryGetMemory((long)_section.Offset + offset, Length - offset, out ReadOnlySpan<byte> inPlace))
        {
            return inPlace;
        }

        long number = offset / BlockSize;
        int count = (int)Math.Min(BlockSize, Length - (number * BlockSize));
        ref (long Number, byte[] Bytes) slot = ref _slots[number % Slots];
        if (slot.Bytes is null || slot.Number != number)
        {
            slot.Bytes ??= new byte[(int)Math.Min(BlockSize, Length)];
            _image.Read((long)_section.Offset + (number * BlockSize), slot.Bytes.AsSpan(0, count));
            slot.Number = number;
        }

        return slot.Bytes.AsSpan(0, count).Slice((int)(offset - (number * BlockSize)));
    }

    /// <summary>Returns the string from an offset to the next NUL; a very long string is truncated.</summary>
    /// <exception cref="BpfObjectFormatException">The offset, or the end of the string, is outside the section.</exception>
    public string String(long offset) => FormatReader.Utf8(StringBytes(offset));

    /// <summary>Returns the bytes of the string from an offset to the next NUL, without the NUL.</summary>
    /// <exception cref="BpfObjectFormatException">The offset, or the end of the string, is outside the section.</exception>
    public ReadOnlySpan<byte> StringBytes(long offset)
    {
        ReadOnlySpan<byte> first = From(offset);
        int end = first.IndexOf((byte)0);
        if (end >= 0)
        {
            return first.Slice(0, Math.Min(end, LongestString));
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

        return text.AsSpan(0, length);
    }

    /// <summary>Throws an exception about a problem at an offset.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public void Fail(long offset, string problem) => BpfObjectFormatException.Throw(_image.FileName, _section.Name, offset, problem);
}
