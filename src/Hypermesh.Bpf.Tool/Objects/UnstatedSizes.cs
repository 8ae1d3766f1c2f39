using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Requirements;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>
/// Sets sizes for maps that state none: the application of such an object sets them before it loads the object, and the commands load without the application. It also
/// ignores pins: a command must not touch the pins of the machine.
/// </summary>
internal static class UnstatedSizes
{
    private const uint Entries = 1024;
    private const uint RingSize = 16 * 1024;
    private const int StackBytes = 127 * sizeof(ulong);

    // Storage belongs to its owner, and the kernel accepts no max_entries for it.
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

    /// <summary>Sets the sizes that the object does not state.</summary>
    /// <returns>A sentence for each map that the library cannot create as the object states it.</returns>
    internal static IReadOnlyList<string> Fill(BpfObjectSpec spec)
    {
        var assumed = new List<string>();
        foreach (BpfMapSpec map in spec.Maps)
        {
            string[] lacking = Lacking(map);
            Fill(map);
            string[] filled = [.. lacking.Except(Lacking(map))];
            if (filled.Length > 0)
            {
                assumed.Add(
                    $"map {map.Name} states no {string.Join(" and no ", filled)}; a value is assumed here, but BpfObject.Load fails on it: {MapDefinitionFacts.Remedy(filled)}.");
            }
        }

        return assumed;
    }

    private static string[] Lacking(BpfMapSpec map) => [.. MapDefinitionFacts.Lacking(map.Type, map.KeySize, map.ValueSize, map.MaxEntries)];

    private static void Fill(BpfMapSpec map)
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
