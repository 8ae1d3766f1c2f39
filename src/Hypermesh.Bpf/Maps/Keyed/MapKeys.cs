namespace Hypermesh.Bpf;

/// <summary>The keys of maps whose values cannot be read in bulk.</summary>
internal static unsafe class MapKeys
{
    internal static List<TKey> Read<TKey>(BpfMap map)
        where TKey : unmanaged
    {
        var keys = new List<TKey>();
        TKey current = default;
        while (true)
        {
            TKey next = default;
            long result = MapCalls.NextKey(map.Descriptor, keys.Count == 0 ? null : &current, &next);
            if (!map.WasFound(result, BpfCommand.MapGetNextKey, "Reading"))
            {
                return keys;
            }

            keys.Add(current = next);
        }
    }

    /// <summary>The keys that have a value: after the last one, older kernels (5.10) give the storages of groups a key more that has none.</summary>
    internal static List<TKey> ReadPresent<TKey>(BpfMap map, int valueSize)
        where TKey : unmanaged
    {
        List<TKey> keys = Read<TKey>(map);
        fixed (byte* value = new byte[valueSize])
        {
            for (int i = keys.Count - 1; i >= 0; i--)
            {
                TKey key = keys[i];
                if (!map.WasFound(MapCalls.Lookup(map.Descriptor, &key, value), BpfCommand.MapLookupElement, "Reading"))
                {
                    keys.RemoveAt(i);
                }
            }
        }

        return keys;
    }
}
