using System.Buffers;

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

    public static BtfNameIndex Build(BtfTypes types)
    {
        int own = types.Count - types.FirstId;
        int buckets = MinimumBuckets;
        while (buckets < MaximumBuckets && buckets * 4 < own)
        {
            buckets *= 2;
        }

        // Bucket + 1 of each own type, 0 where it has no name.
        int[] bucketOf = ArrayPool<int>.Shared.Rent(Math.Max(1, own));
        var starts = new int[buckets + 1];
        int named = 0;
        for (int i = 0; i < own; i++)
        {
            uint nameOffset = types[types.FirstId + i].NameOffset;
            if (nameOffset == 0)
            {
                bucketOf[i] = 0;
                continue;
            }

            int bucket = BucketOf(BtfName.Essential(types.GetStringBytes(nameOffset)), buckets);
            bucketOf[i] = bucket + 1;
            starts[bucket + 1]++;
            named++;
        }

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

        ArrayPool<int>.Shared.Return(bucketOf);
        return new BtfNameIndex(starts, ids);
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

    private static int BucketOf(ReadOnlySpan<byte> essentialName, int buckets) => (int)(BtfName.Hash(essentialName) & (uint)(buckets - 1));
}
