namespace Hypermesh.Bpf.Objects;

/// <summary>Sorts records by offset and finds those in a range.</summary>
internal static class OffsetRange
{
    /// <summary>Returns the records ordered by offset; records with equal offsets keep their order.</summary>
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

    /// <summary>Returns the records in a range of bytes.</summary>
    public static ArraySegment<T> Within<T>(T[] sorted, ulong start, ulong size, Func<T, ulong> offsetOf)
    {
        int from = FirstFrom(sorted, start, offsetOf);
        int to = size > ulong.MaxValue - start ? sorted.Length : FirstFrom(sorted, start + size, offsetOf);
        return new ArraySegment<T>(sorted, from, to - from);
    }

    /// <summary>Returns the index of the first record at or after an offset.</summary>
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
