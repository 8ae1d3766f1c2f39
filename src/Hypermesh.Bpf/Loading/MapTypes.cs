namespace Hypermesh.Bpf.Loading;

/// <summary>The kinds of map whose keys and values the kernel wants no types for.</summary>
internal static class MapTypes
{
    // libbpf clears the same.
    private static readonly HashSet<BpfMapType> s_untyped =
    [
        BpfMapType.PerfEventArray, BpfMapType.CGroupArray, BpfMapType.StackTrace, BpfMapType.ArrayOfMaps, BpfMapType.HashOfMaps,
        BpfMapType.DevMap, BpfMapType.DevMapHash, BpfMapType.CpuMap, BpfMapType.XskMap, BpfMapType.SockMap, BpfMapType.SockHash,
        BpfMapType.Queue, BpfMapType.Stack, BpfMapType.Arena,
    ];

    internal static bool AreUntyped(BpfMapType type) => s_untyped.Contains(type);
}
