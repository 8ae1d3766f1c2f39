namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>The first kernel release with each map type, and which types have a value for each CPU.</summary>
internal static class MapTypeFacts
{
    // From the commits that added them, as ebpf-docs lists them (data/feature-versions.yaml). A kernel test compares each with the types of the kernel it runs on.
    private static readonly Dictionary<BpfMapType, Version> s_rows = new()
    {
        [BpfMapType.Hash] = new(3, 19),
        [BpfMapType.Array] = new(3, 19),
        [BpfMapType.ProgArray] = new(4, 2),
        [BpfMapType.PerfEventArray] = new(4, 3),
        [BpfMapType.PerCpuHash] = new(4, 6),
        [BpfMapType.PerCpuArray] = new(4, 6),
        [BpfMapType.StackTrace] = new(4, 6),
        [BpfMapType.CGroupArray] = new(4, 8),
        [BpfMapType.LruHash] = new(4, 10),
        [BpfMapType.LruPerCpuHash] = new(4, 10),
        [BpfMapType.LpmTrie] = new(4, 11),
        [BpfMapType.ArrayOfMaps] = new(4, 12),
        [BpfMapType.HashOfMaps] = new(4, 12),
        [BpfMapType.DevMap] = new(4, 14),
        [BpfMapType.SockMap] = new(4, 14),
        [BpfMapType.CpuMap] = new(4, 15),
        [BpfMapType.XskMap] = new(4, 18),
        [BpfMapType.SockHash] = new(4, 18),
        [BpfMapType.CGroupStorageDeprecated] = new(4, 19),
        [BpfMapType.ReusePortSockArray] = new(4, 19),
        [BpfMapType.PerCpuCGroupStorageDeprecated] = new(4, 20),
        [BpfMapType.Queue] = new(4, 20),
        [BpfMapType.Stack] = new(4, 20),
        [BpfMapType.SkStorage] = new(5, 2),
        [BpfMapType.DevMapHash] = new(5, 4),
        [BpfMapType.StructOps] = new(5, 6),
        [BpfMapType.RingBuf] = new(5, 8),
        [BpfMapType.InodeStorage] = new(5, 10),
        [BpfMapType.TaskStorage] = new(5, 11),
        [BpfMapType.BloomFilter] = new(5, 16),
        [BpfMapType.UserRingBuf] = new(6, 1),
        [BpfMapType.CGroupLocalStorage] = new(6, 2),
        [BpfMapType.Arena] = new(6, 9),
        [BpfMapType.InsnArray] = new(6, 19),
        [BpfMapType.RHash] = new(7, 2),
    };

    private static readonly HashSet<BpfMapType> s_perCpu = [BpfMapType.PerCpuArray, BpfMapType.PerCpuHash, BpfMapType.LruPerCpuHash];

    /// <summary>The types in the table.</summary>
    internal static IEnumerable<BpfMapType> All => s_rows.Keys;

    /// <summary>Returns the first release that has a type; null for a type that is not in the table.</summary>
    internal static Version? Since(BpfMapType type) => s_rows.TryGetValue(type, out Version? since) ? since : null;

    /// <summary>Returns true for a type whose elements have a value for each CPU.</summary>
    internal static bool IsPerCpu(BpfMapType type) => s_perCpu.Contains(type);
}

/// <summary>Lists the members that the definition of a map must have before the kernel can create it.</summary>
internal static class MapDefinitionFacts
{
    internal const string Entries = "max_entries";
    internal const string Key = "key";
    internal const string Value = "value";

    // Storage maps have no number of entries. The loader sets all sizes of a perf event array, so it is not listed. Ring buffers have only a size in bytes.
    private static readonly Dictionary<BpfMapType, string[]> s_rows = new()
    {
        [BpfMapType.Hash] = [Entries, Key, Value],
        [BpfMapType.Array] = [Entries, Key, Value],
        [BpfMapType.ProgArray] = [Entries, Key, Value],
        [BpfMapType.PerCpuHash] = [Entries, Key, Value],
        [BpfMapType.PerCpuArray] = [Entries, Key, Value],
        [BpfMapType.StackTrace] = [Entries, Key, Value],
        [BpfMapType.CGroupArray] = [Entries, Key, Value],
        [BpfMapType.LruHash] = [Entries, Key, Value],
        [BpfMapType.LruPerCpuHash] = [Entries, Key, Value],
        [BpfMapType.LpmTrie] = [Entries, Key, Value],
        [BpfMapType.ArrayOfMaps] = [Entries, Key, Value],
        [BpfMapType.HashOfMaps] = [Entries, Key, Value],
        [BpfMapType.DevMap] = [Entries, Key, Value],
        [BpfMapType.DevMapHash] = [Entries, Key, Value],
        [BpfMapType.SockMap] = [Entries, Key, Value],
        [BpfMapType.SockHash] = [Entries, Key, Value],
        [BpfMapType.CpuMap] = [Entries, Key, Value],
        [BpfMapType.XskMap] = [Entries, Key, Value],
        [BpfMapType.ReusePortSockArray] = [Entries, Key, Value],
        [BpfMapType.Queue] = [Entries, Value],
        [BpfMapType.Stack] = [Entries, Value],
        [BpfMapType.BloomFilter] = [Entries, Value],
        [BpfMapType.RingBuf] = [Entries],
        [BpfMapType.UserRingBuf] = [Entries],
        [BpfMapType.Arena] = [Entries],
        [BpfMapType.SkStorage] = [Key, Value],
        [BpfMapType.InodeStorage] = [Key, Value],
        [BpfMapType.TaskStorage] = [Key, Value],
        [BpfMapType.CGroupLocalStorage] = [Key, Value],
    };

    /// <summary>Returns the missing members, by their names in C; empty for a type that is not listed.</summary>
    internal static IEnumerable<string> Lacking(BpfMapType type, int keySize, int valueSize, uint entries)
        => s_rows.TryGetValue(type, out string[]? needed) ? needed.Where(name => name switch { Entries => entries, Key => keySize, _ => (long)valueSize } == 0) : [];

    /// <summary>Returns the remedy for missing members, as the end of a sentence.</summary>
    internal static string Remedy(IEnumerable<string> members) => $"write {string.Join(" ", members.Select(Line))} in the C, or set it in the map's spec before Load";

    /// <summary>Returns the line of C that defines a member.</summary>
    internal static string Line(string member) => member == Entries ? "__uint(max_entries, 1024);" : $"__type({member}, TYPE);";
}
