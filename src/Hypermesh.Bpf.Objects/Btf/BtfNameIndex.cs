using System.Buffers;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>
/// Index from names to type IDs: a counting sort of all named types by the hash of their essential name. It takes one int per named type and one per bucket;
/// names are compared in the blob itself.
/// </summary>
internal sealed class BtfNameIndex
{
    private const int MinimumBuckets = 64;
    private const int MaximumBuckets = 32768;

    private readonly int[] _starts;
    private readonly int[] _ids;

    private BtfNameIndex(int[] starts, int[] ids)
    {
        _starts = starts;
        _ids = ids;
    }

    public static BtfNameIndex Build(BtfTypes types)
    {
        int own = types.Count - types.FirstId;
        int buckets = MinimumBuckets;
        while (buckets < MaximumBuckets && buckets * 4 < own)
        {
            buckets *= 2;
        }

        // Bucket + 1 of each own type, 0 for a type without a name. The 16-bit numbers are chars because the framework has already compiled the array pool of char.
        char[] rented = ArrayPool<char>.Shared.Rent(Math.Max(1, own));
        var starts = new int[buckets + 1];
        try
        {
            Span<char> bucketOf = rented.AsSpan(0, own);
            int named = Count(types, bucketOf, starts);
            for (int i = 0; i < buckets; i++)
            {
                starts[i + 1] += starts[i];
            }

            var ids = new int[named];
            for (int i = own - 1; i >= 0; i--)
            {
                if (bucketOf[i] != 0)
                {
                    // Filled from the back, so each bucket is in ascending order and starts[bucket + 1] becomes its start.
                    ids[--starts[bucketOf[i]]] = types.FirstId + i;
                }
            }

            return new BtfNameIndex(starts, ids);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    /// <summary>Returns the IDs whose essential name may be that of <paramref name="name"/>, in ascending order.</summary>
    public ReadOnlySpan<int> Bucket(ReadOnlySpan<byte> name)
    {
        int buckets = _starts.Length - 1;
        int bucket = (int)(BtfName.Hash(BtfName.Essential(name)) & (uint)(buckets - 1));
        int begin = _starts[bucket + 1];
        int end = bucket + 2 <= buckets ? _starts[bucket + 2] : _ids.Length;
        return _ids.AsSpan(begin, end - begin);
    }

    // Walks the records in order; access by ID would walk up to three further records for each type.
    private static int Count(BtfTypes types, Span<char> bucketOf, int[] starts)
    {
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(types.Types.Span);
        ReadOnlySpan<byte> shapes = BtfOffsetIndex.Shapes;
        ReadOnlySpan<ulong> windows = MemoryMarshal.Cast<byte, ulong>(types.Strings.Span);
        uint firstString = types.FirstString;
        bool swap = types.IsLittleEndian != BitConverter.IsLittleEndian;
        uint mask = (uint)(starts.Length - 2);
        int named = 0;
        int at = 0;
        for (int i = 0; i < bucketOf.Length; i++)
        {
            uint nameOffset = BtfOffsetIndex.Word(words, at, swap);
            at += BtfOffsetIndex.RecordWords(words, at, shapes, swap);
            if (nameOffset == 0)
            {
                bucketOf[i] = '\0';
                continue;
            }

            if (nameOffset < firstString || !BtfName.TryHash(windows, nameOffset - firstString, out uint hash))
            {
                // A name of the base, a name with a flavour, or an offset outside the strings, which GetStringBytes reports.
                hash = BtfName.Hash(BtfName.Essential(types.GetStringBytes(nameOffset)));
            }

            int bucket = (int)(hash & mask);
            bucketOf[i] = (char)(bucket + 1);
            starts[bucket + 1]++;
            named++;
        }

        return named;
    }
}
