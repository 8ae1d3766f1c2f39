namespace Hypermesh.Bpf.Objects;

/// <summary>Records in the order of their offsets, and those of them that lie in a range.</summary>
internal static class OffsetRange
{
    /// <summary>The records in order; those of one offset keep theirs.</summary>
    public static T[] Sorted<T>(T[] records, Func<T, ulong> offsetOf)
    {
        for (int i = 1; i < records.Length; i++)
        {
            if (offsetOf(records[i]) < offsetOf(records[i - 1]))
            {
                return [.. records.OrderBy(offsetOf)];
            }
        }

        return records;
    }

    /// <summary>The records from an offset on, as many bytes as given.</summary>
    public static ArraySegment<T> Within<T>(T[] sorted, ulong start, ulong size, Func<T, ulong> offsetOf)
    {
        int from = FirstFrom(sorted, start, offsetOf);
        int to = size > ulong.MaxValue - start ? sorted.Length : FirstFrom(sorted, start + size, offsetOf);
        return new ArraySegment<T>(sorted, from, to - from);
    }

    /// <summary>The index of the first record at an offset or behind it.</summary>
    public static int FirstFrom<T>(T[] sorted, ulong offset, Func<T, ulong> offsetOf)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (offsetOf(sorted[middle]) < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
