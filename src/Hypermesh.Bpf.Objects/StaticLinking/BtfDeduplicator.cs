using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>
/// Finds types that are equal, including all types they refer to. All types of one shape begin in one class, and a class is divided as long as its types refer to types of
/// different classes. This also works for types that refer to themselves.
/// </summary>
internal sealed class BtfDeduplicator : IEqualityComparer<int>
{
    // Each round follows references one step further; objects need about ten rounds. Compilers do not write longer chains; above the limit no types are merged.
    private const int MostRounds = 128;

    private readonly List<uint[]> _records;
    private readonly ulong _start;
    private readonly ulong _factor;
    private int[] _classes;

    private BtfDeduplicator(List<uint[]> records)
    {
        _records = records;
        _classes = new int[records.Count + 1];
        byte[] random = Guid.NewGuid().ToByteArray();
        _start = BitConverter.ToUInt64(random, 0);
        _factor = BitConverter.ToUInt64(random, sizeof(ulong)) | 1;
    }

    /// <summary>Returns new IDs, which are equal for equal types and follow the order of first occurrence.</summary>
    /// <param name="records">The records; the first has ID 1.</param>
    /// <returns>The new ID for each old ID.</returns>
    public static int[] Renumber(List<uint[]> records)
    {
        var types = new BtfDeduplicator(records);
        int before = 0;
        for (int round = 0; round < MostRounds; round++)
        {
            int count = types.Part();
            if (count == before)
            {
                return types._classes;
            }

            before = count;
        }

        return [.. Enumerable.Range(0, records.Count + 1)];
    }

    public bool Equals(int x, int y)
    {
        uint[] one = _records[x - 1];
        uint[] two = _records[y - 1];
        // Variables with the same name and type are still different variables.
        if (one.Length != two.Length || one[1] != two[1] || (BtfRecord.Kind(one) == BtfKind.Variable && x != y))
        {
            return false;
        }

        int type = BtfRecord.NextType(one, 0);
        for (int i = 0; i < one.Length; i++)
        {
            if (i == type)
            {
                if (_classes[one[i]] != _classes[two[i]])
                {
                    return false;
                }

                type = BtfRecord.NextType(one, i);
            }
            else if (one[i] != two[i])
            {
                return false;
            }
        }

        return true;
    }

    // Random numbers, because a crafted file could otherwise give all types one hash, and each type would be compared with every other.
    public int GetHashCode(int obj)
    {
        uint[] record = _records[obj - 1];
        int type = BtfRecord.NextType(record, 0);
        ulong hash = _start;
        for (int i = 0; i < record.Length; i++)
        {
            bool isType = i == type;
            hash = Mix(hash, isType ? (uint)_classes[record[i]] : record[i]);
            type = isType ? BtfRecord.NextType(record, i) : type;
        }

        // Two variables are never equal, so their hashes should differ.
        return (int)(BtfRecord.Kind(record) == BtfKind.Variable ? Mix(hash, (uint)obj) : hash);
    }

    private ulong Mix(ulong hash, uint word)
    {
        hash = unchecked((hash ^ word) * _factor);
        return hash ^ (hash >> 32);
    }

    // Class 0 contains only void.
    private int Part()
    {
        var numbers = new Dictionary<int, int>(this);
        var next = new int[_classes.Length];
        for (int id = 1; id < next.Length; id++)
        {
            if (!numbers.TryGetValue(id, out next[id]))
            {
                next[id] = numbers.Count + 1;
                numbers.Add(id, next[id]);
            }
        }

        _classes = next;
        return numbers.Count;
    }
}
