using System.Globalization;
using Hypermesh.Bpf.Objects.Requirements;

namespace Hypermesh.Bpf.Maps;

/// <summary>Estimates the memory of a map, to explain why it is too large.</summary>
internal static class MapMemory
{
    // What the kernel adds to each entry of a hash: the links of a list, the hash, and for LRU maps a second list.
    private const ulong EntryHeader = 48;
    private const ulong Bucket = 16;
    private const double Unit = 1024;

    // Below this the kernel has another reason.
    private const ulong Large = 1ul << 28;

    private static readonly HashSet<BpfMapType> s_hashes = [BpfMapType.Hash, BpfMapType.LruHash, BpfMapType.PerCpuHash, BpfMapType.LruPerCpuHash, BpfMapType.HashOfMaps, BpfMapType.SockHash, BpfMapType.DevMapHash];
    private static readonly HashSet<BpfMapType> s_rings = [BpfMapType.RingBuf, BpfMapType.UserRingBuf];
    private static readonly string[] s_units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Explains a map that is too large, with the memory it would take; null for one that is not.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="definition">The map's definition.</param>
    internal static string? Explain(IKernel kernel, BpfMapDefinition definition)
    {
        bool isPerCpu = MapTypeFacts.IsPerCpu(definition.Type);
        ulong cpus = isPerCpu ? (ulong)PossibleCpus.Of(kernel).Count : 1;
        ulong bytes = Estimate(definition, cpus);
        if (bytes < Large)
        {
            return null;
        }

        if (IsRing(definition.Type))
        {
            return $"A ring of {definition.MaxEntries.ToString("N0", CultureInfo.InvariantCulture)} bytes is larger than the kernel can allocate: max_entries is its size in bytes. Lower max_entries in the C, or MaxEntries of the map's spec.";
        }

        string each = isPerCpu ? $", with a value for each of {cpus} CPUs," : "";
        string now = !definition.Flags.HasFlag(BpfMapFlags.NoPreallocation) && definition.Type is BpfMapType.Hash or BpfMapType.PerCpuHash
            ? " A hash with __uint(map_flags, BPF_F_NO_PREALLOC) takes the memory of an entry when it is added."
            : "";
        return $"{definition.MaxEntries.ToString("N0", CultureInfo.InvariantCulture)} entries{each} would take about {Text(bytes)} of kernel memory, which is too much. Lower max_entries in the C, or MaxEntries of the map's spec.{now}";
    }

    /// <summary>True for a map whose size is in bytes.</summary>
    internal static bool IsRing(BpfMapType type) => s_rings.Contains(type);

    /// <summary>Returns the memory in bytes, at least what the entries take.</summary>
    internal static ulong Estimate(BpfMapDefinition definition, ulong cpus)
    {
        ulong entries = definition.MaxEntries;
        ulong value = Rounded(definition.ValueSize);
        return s_rings.Contains(definition.Type) ? entries
            : s_hashes.Contains(definition.Type)
                ? (entries * (EntryHeader + Rounded(definition.KeySize) + (cpus > 1 ? 8 + (value * cpus) : value))) + (System.Numerics.BitOperations.RoundUpToPowerOf2(entries) * Bucket)
            : entries * (value + (definition.Type is BpfMapType.Array or BpfMapType.PerCpuArray ? 0 : Rounded(definition.KeySize))) * cpus;
    }

    private static ulong Rounded(int size) => ((ulong)size + 7) & ~7ul;

    private static string Text(ulong bytes)
    {
        double size = bytes;
        int unit = 0;
        for (; size >= Unit && unit + 1 < s_units.Length; unit++)
        {
            size /= Unit;
        }

        return $"{size.ToString(size < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)} {s_units[unit]}";
    }
}
