namespace Hypermesh.Bpf.Objects.Binaries;

/// <summary>
/// A section read block by block as it is asked for: a file may claim gigabytes that are nowhere on the disk, and of a large program's names few are looked at.
/// </summary>
internal sealed class BinaryWindow(BinaryFile file, BinarySection section)
{
    /// <summary>The size of a block: entries of 2, 8 and 24 bytes do not lie across two.</summary>
    public const int BlockSize = 64 * 1008;

    private const int Slots = 16;

    // Longer than any compiler makes them; what is behind is left away.
    private const int LongestString = 16 * 1024;

    private readonly (long Number, byte[] Bytes)[] _slots = new (long, byte[])[Slots];

    /// <summary>How many bytes the section has.</summary>
    public long Length { get; } = file.LengthOf(section);

    /// <summary>What is there from a place to the end of its block.</summary>
    public ReadOnlySpan<byte> From(long offset)
    {
        if (offset < 0 || offset >= Length)
        {
            BpfObjectFormatException.Throw(file.Path, section.Name, offset, $"something is wanted here, but there are only {Length} bytes in all");
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

    /// <summary>The text up to the next NUL, or the beginning of a very long one.</summary>
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
