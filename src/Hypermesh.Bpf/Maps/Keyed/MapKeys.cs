using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Maps.Keyed;

/// <summary>Reads the keys of maps whose values cannot be read in bulk.</summary>
internal static unsafe class MapKeys
{
    // The maximum number of steps for each key: after a key that was removed meanwhile, the kernel starts from the beginning.
    private const long StepsOfOneKey = 4;
    private const long FewestSteps = 64;

    /// <summary>Reads the map's keys, each once even if the map changes meanwhile.</summary>
    /// <exception cref="BpfException">The map changes so much that the walk does not end.</exception>
    internal static List<TKey> Read<TKey>(BpfMap map)
        where TKey : unmanaged
    {
        var keys = new List<TKey>();
        var seen = new HashSet<TKey>(KeyBytes<TKey>.Instance);
        long most = map.MaxEntries == 0 ? long.MaxValue : Math.Max(FewestSteps, map.MaxEntries * StepsOfOneKey);
        TKey current = default;
        for (long steps = 0; steps < most; steps++)
        {
            TKey next = default;
            long result = MapCalls.NextKey(map.MapHandle, steps == 0 ? null : &current, &next);
            if (!map.WasFound(result, BpfCommand.MapGetNextKey, "Reading"))
            {
                return keys;
            }

            if (seen.Add(next))
            {
                keys.Add(next);
            }

            current = next;
        }

        throw MapReader.Unsteady(map);
    }

    /// <summary>Reads the keys that have a value: after the last key of a cgroup storage, older kernels (5.10) return one more without a value.</summary>
    internal static List<TKey> ReadPresent<TKey>(BpfMap map, int valueSize)
        where TKey : unmanaged
    {
        List<TKey> keys = Read<TKey>(map);
        fixed (byte* value = new byte[valueSize])
        {
            for (int i = keys.Count - 1; i >= 0; i--)
            {
                TKey key = keys[i];
                if (!map.WasFound(MapCalls.Lookup(map.MapHandle, &key, value), BpfCommand.MapLookupElement, "Reading"))
                {
                    keys.RemoveAt(i);
                }
            }
        }

        return keys;
    }

    /// <summary>Compares keys by their bytes, as the kernel does.</summary>
    private sealed class KeyBytes<TKey> : IEqualityComparer<TKey>
        where TKey : unmanaged
    {
        internal static readonly KeyBytes<TKey> Instance = new();

        public bool Equals(TKey x, TKey y) => Bytes(in x).SequenceEqual(Bytes(in y));

        public int GetHashCode(TKey obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(Bytes(in obj));
            return hash.ToHashCode();
        }

        private static ReadOnlySpan<byte> Bytes(in TKey key) => MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key));
    }
}
