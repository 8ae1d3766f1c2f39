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
}
