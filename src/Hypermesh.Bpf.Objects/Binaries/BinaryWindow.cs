namespace Hypermesh.Bpf.Objects.Binaries;

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
