using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>
/// Sizes for maps that state none: programs meant to be sized by their own front end before the load are loaded here without it. And pins are ignored:
/// trying an object must not touch what is pinned on the machine.
/// </summary>
internal static class UnstatedSizes
{
    private const uint Entries = 1024;
    private const uint RingSize = 16 * 1024;
    private const uint StackBytes = 127 * sizeof(ulong);

    // The storages live with what they belong to, and the kernel takes no number of entries.
    private static readonly Dictionary<BpfMapType, uint> s_entries = new()
    {
        [BpfMapType.TaskStorage] = 0,
        [BpfMapType.InodeStorage] = 0,
        [BpfMapType.SkStorage] = 0,
        [BpfMapType.CGroupLocalStorage] = 0,
        [BpfMapType.CGroupStorageDeprecated] = 0,
        [BpfMapType.PerCpuCGroupStorageDeprecated] = 0,
        [BpfMapType.RingBuf] = RingSize,
        [BpfMapType.UserRingBuf] = RingSize,
    };

    internal static void Fill(BpfObjectSpec spec)
    {
        foreach (MapSpec map in spec.Maps)
        {
            Fill(map);
        }
    }

    private static void Fill(MapSpec map)
    {
        map.IsPinnedByName = false;
        if (map.MaxEntries == 0)
        {
            map.MaxEntries = s_entries.GetValueOrDefault(map.Type, Entries);
        }

        if (map.Type == BpfMapType.StackTrace && map.ValueSize == 0)
        {
            map.ValueSize = StackBytes;
        }
    }
}
