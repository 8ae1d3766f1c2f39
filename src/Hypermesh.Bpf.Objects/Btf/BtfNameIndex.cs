using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>
/// Ids by name: a counting sort of all named types by the hash of their essential name. One int a named type and one a bucket;
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

    [MethodImpl(BtfOffsetIndex.Optimized)]
    public static BtfNameIndex Build(BtfTypes types)
    {
        int own = types.Count - types.FirstId;
        int buckets = MinimumBuckets;
        while (buckets < MaximumBuckets && buckets * 4 < own)
        {
            buckets *= 2;
        }

        // Bucket + 1 of each own type, 0 where it has no name.
        ushort[] bucketOf = ArrayPool<ushort>.Shared.Rent(Math.Max(1, own));
        var starts = new int[buckets + 1];
        try
        {
            int named = Count(types, bucketOf.AsSpan(0, own), starts);
            for (int i = 0; i < buckets; i++)
            {
                starts[i + 1] += starts[i];
            }

            var ids = new int[named];
            for (int i = own - 1; i >= 0; i--)
            {
                if (bucketOf[i] != 0)
                {
                    // Filled from the back, so each bucket ends up ascending and starts[bucket + 1] becomes its begin.
                    ids[--starts[bucketOf[i]]] = types.FirstId + i;
                }
            }

            return new BtfNameIndex(starts, ids);
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(bucketOf);
        }
    }

    /// <summary>The ids whose essential name may be that of <paramref name="name"/>, ascending.</summary>
    public ReadOnlySpan<int> Bucket(ReadOnlySpan<byte> name)
    {
        int buckets = _starts.Length - 1;
        int bucket = BucketOf(BtfName.Essential(name), buckets);
        int begin = _starts[bucket + 1];
        int end = bucket + 2 <= buckets ? _starts[bucket + 2] : _ids.Length;
        return _ids.AsSpan(begin, end - begin);
    }

    // Walks the records in order; asking for each type by its id would walk up to three records for each.
    [MethodImpl(BtfOffsetIndex.Optimized)]
    private static int Count(BtfTypes types, Span<ushort> bucketOf, int[] starts)
    {
        ReadOnlySpan<byte> records = types.Types.Span;
        ReadOnlySpan<byte> strings = types.Strings.Span;
        bool swap = types.IsLittleEndian != BitConverter.IsLittleEndian;
        int buckets = starts.Length - 1;
        int named = 0;
        int offset = 0;
        for (int i = 0; i < bucketOf.Length; i++)
        {
            uint nameOffset = MemoryMarshal.Read<uint>(records.Slice(offset));
            nameOffset = swap ? BinaryPrimitives.ReverseEndianness(nameOffset) : nameOffset;
            offset += BtfOffsetIndex.RecordSize(records, offset, swap);
            bucketOf[i] = 0;
            if (nameOffset == 0)
            {
                continue;
            }

            uint place = nameOffset - types.FirstString;
            int length = place < (uint)strings.Length ? strings.Slice((int)place).IndexOf((byte)0) : -1;

            // A name of the base's, or one outside: the types know which, and say so.
            ReadOnlySpan<byte> name = length >= 0 ? strings.Slice((int)place, length) : types.GetStringBytes(nameOffset);
            int bucket = BucketOf(BtfName.Essential(name), buckets);
            bucketOf[i] = (ushort)(bucket + 1);
            starts[bucket + 1]++;
            named++;
        }

        return named;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int BucketOf(ReadOnlySpan<byte> essentialName, int buckets) => (int)(BtfName.Hash(essentialName) & (uint)(buckets - 1));
}
