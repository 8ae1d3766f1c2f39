namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>Lists what the definition of a map must state for the kernel to create it.</summary>
internal static class MapDefinitionFacts
{
    internal const string Entries = "max_entries";
    internal const string Key = "key";
    internal const string Value = "value";

    // Storage maps have no number of entries. The loader sets all sizes of a perf event array, so it is not listed. Ring buffers have a size in bytes alone.
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

    /// <summary>The members that are missing, by their names in C; none for a type that is not listed.</summary>
    internal static IEnumerable<string> Lacking(BpfMapType type, uint keySize, uint valueSize, uint entries)
        => s_rows.TryGetValue(type, out string[]? needed) ? needed.Where(name => name switch { Entries => entries, Key => keySize, _ => valueSize } == 0) : [];

    /// <summary>What to do about missing members, as the end of a sentence.</summary>
    internal static string Remedy(IEnumerable<string> members) => $"write {string.Join(" ", members.Select(Line))} in the C, or set it in the map's spec before Load";

    /// <summary>The line of C that states a member.</summary>
    internal static string Line(string member) => member == Entries ? "__uint(max_entries, 1024);" : $"__type({member}, TYPE);";
}
