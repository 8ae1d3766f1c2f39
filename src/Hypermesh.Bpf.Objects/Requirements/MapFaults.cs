using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>Finds errors in complete map definitions that the kernel would reject: sizes, flags and fields that do not suit the map's type.</summary>
internal static class MapFaults
{
    private const int Index = 4;
    private const int LargestPerCpuValue = 32 * 1024;
    private const int SmallestPrefixKey = 5;
    private const int LargestPrefixKey = 4 + 256;
    private const int MostLevels = 16;

    private static readonly HashSet<BpfMapType> s_storages =
        [BpfMapType.SkStorage, BpfMapType.InodeStorage, BpfMapType.TaskStorage, BpfMapType.CGroupLocalStorage];

    private static readonly HashSet<BpfMapType> s_arrays =
    [
        BpfMapType.Array, BpfMapType.PerCpuArray, BpfMapType.ProgArray, BpfMapType.CGroupArray, BpfMapType.StackTrace, BpfMapType.ArrayOfMaps, BpfMapType.DevMap,
        BpfMapType.DevMapHash, BpfMapType.CpuMap, BpfMapType.XskMap, BpfMapType.SockMap, BpfMapType.ReusePortSockArray,
    ];

    // Always allocated as a whole, so the kernel rejects BPF_F_NO_PREALLOC.
    private static readonly HashSet<BpfMapType> s_preallocated =
    [
        BpfMapType.Array, BpfMapType.PerCpuArray, BpfMapType.ProgArray, BpfMapType.ArrayOfMaps, BpfMapType.Queue, BpfMapType.Stack, BpfMapType.RingBuf, BpfMapType.UserRingBuf,
        BpfMapType.LruHash, BpfMapType.LruPerCpuHash, BpfMapType.DevMap, BpfMapType.CpuMap,
    ];

    private static readonly HashSet<BpfMapType> s_descriptors = [BpfMapType.ProgArray, BpfMapType.CGroupArray, BpfMapType.XskMap];

    private static readonly HashSet<BpfMapType> s_descriptorsWithMore =
        [BpfMapType.DevMap, BpfMapType.DevMapHash, BpfMapType.CpuMap, BpfMapType.SockMap, BpfMapType.SockHash, BpfMapType.ReusePortSockArray];

    // Structs that the kernel manages within a value, and the types of map that may have them.
    private static readonly Dictionary<string, (BpfMapType[] Maps, string Remedy)> s_fields = new(StringComparer.Ordinal)
    {
        ["bpf_spin_lock"] = (Locked, "each CPU has its own value in a per-CPU map and needs no lock: remove the lock, or use BPF_MAP_TYPE_HASH or BPF_MAP_TYPE_ARRAY"),
        ["bpf_res_spin_lock"] = (Locked, "each CPU has its own value in a per-CPU map and needs no lock: remove the lock, or use BPF_MAP_TYPE_HASH or BPF_MAP_TYPE_ARRAY"),
        ["bpf_timer"] = (Timed, Elsewhere),
        ["bpf_wq"] = (Timed, Elsewhere),
        ["bpf_task_work"] = (Timed, Elsewhere),
        ["bpf_list_head"] = (Timed, Elsewhere),
        ["bpf_rb_root"] = (Timed, Elsewhere),
    };

    private const string Elsewhere = "use BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH or BPF_MAP_TYPE_ARRAY";

    private static BpfMapType[] Locked =>
    [
        BpfMapType.Hash, BpfMapType.Array, BpfMapType.SkStorage, BpfMapType.InodeStorage, BpfMapType.TaskStorage, BpfMapType.CGroupLocalStorage, BpfMapType.CGroupStorageDeprecated,
    ];

    private static BpfMapType[] Timed => [BpfMapType.Hash, BpfMapType.LruHash, BpfMapType.Array];

    /// <summary>Returns the errors in sizes and flags, each with its remedy, as whole sentences.</summary>
    internal static IEnumerable<string> OfShape(BpfMapType type, int keySize, int valueSize, uint entries, BpfMapFlags flags)
    {
        if (s_storages.Contains(type) && entries != 0)
        {
            yield return "Storage maps have no maximum number of entries, since each object has its own value: remove __uint(max_entries, …);.";
        }

        if (s_storages.Contains(type) && keySize is not (0 or Index))
        {
            yield return "The key of a storage map is a file descriptor: write __type(key, int);.";
        }

        if (s_arrays.Contains(type) && keySize is not (0 or Index))
        {
            yield return $"The key of a map of this type is an index of 4 bytes, and this one has {keySize}: write __type(key, __u32);.";
        }

        if (type == BpfMapType.LpmTrie && keySize is not 0 and (< SmallestPrefixKey or > LargestPrefixKey))
        {
            yield return "The key of a map of this type is a struct that begins with __u32 prefixlen; and has 1 to 256 bytes of data after it.";
        }

        if (s_descriptors.Contains(type) && valueSize is not (0 or 4))
        {
            yield return $"The values of a map of this type are file descriptors of 4 bytes, and this one has {valueSize}: write __type(value, __u32);.";
        }

        if (s_descriptorsWithMore.Contains(type) && valueSize is not (0 or 4 or 8))
        {
            yield return $"The values of a map of this type have 4 or 8 bytes, and this one has {valueSize}: write __type(value, __u32);, or __u64 (struct bpf_devmap_val, struct bpf_cpumap_val).";
        }

        if (type == BpfMapType.StackTrace && valueSize != 0 && valueSize % ((flags & BpfMapFlags.StackBuildId) != 0 ? 32 : 8) != 0)
        {
            yield return $"The values of a map of this type consist of frames of 8 bytes (32 with BPF_F_STACK_BUILD_ID), and this one has {valueSize} bytes: write __uint(value_size, 127 * sizeof(__u64));.";
        }

        if (MapTypeFacts.IsPerCpu(type) && valueSize > LargestPerCpuValue)
        {
            yield return $"The value of a per-CPU map has at most {LargestPerCpuValue} bytes, and this one has {valueSize}: use BPF_MAP_TYPE_ARRAY or BPF_MAP_TYPE_HASH.";
        }

        if (s_preallocated.Contains(type) && (flags & BpfMapFlags.NoPreallocation) != 0)
        {
            yield return "Maps of this type are always preallocated: remove BPF_F_NO_PREALLOC from map_flags.";
        }

        if (type is not (BpfMapType.Array or BpfMapType.Arena or BpfMapType.StructOps) && (flags & BpfMapFlags.Mappable) != 0)
        {
            yield return "Only BPF_MAP_TYPE_ARRAY and BPF_MAP_TYPE_ARENA can be mapped: remove BPF_F_MMAPABLE from map_flags.";
        }
    }

    /// <summary>Returns the errors in the fields of a value.</summary>
    internal static IEnumerable<string> OfFields(BpfMapType type, IReadOnlyCollection<string> fields)
        => fields.Where(name => s_fields.TryGetValue(name, out (BpfMapType[] Maps, string Remedy) row) && Array.IndexOf(row.Maps, type) < 0)
            .Select(name => $"The values of a map of this type cannot have a struct {name}: {s_fields[name].Remedy}.");

    /// <summary>Returns the names of the kernel-managed structs in a value that not every type of map may have.</summary>
    internal static IReadOnlyCollection<string> FieldsIn(BtfTypes types, int valueType)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        Find(types, valueType, found, new HashSet<int>(), MostLevels);
        return found;
    }

    private static void Find(BtfTypes types, int id, HashSet<string> found, HashSet<int> seen, int levels)
    {
        id = types.SkipModifiers(id);
        BtfType type = types[id];
        if (type.Kind == BtfKind.Array && levels > 0)
        {
            Find(types, type.Array.ElementTypeId, found, seen, levels - 1);
        }

        if (type.Kind is not (BtfKind.Struct or BtfKind.Union) || levels == 0 || !seen.Add(id))
        {
            return;
        }

        if (s_fields.ContainsKey(type.Name))
        {
            found.Add(type.Name);
            return;
        }

        for (int i = 0; i < type.Length; i++)
        {
            Find(types, type.Member(i).TypeId, found, seen, levels - 1);
        }
    }
}
