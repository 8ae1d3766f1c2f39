using Hypermesh.Bpf;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>The table from a map's kind to its class in the library. A kind without a row becomes <c>BpfUntypedMap</c>, which only tells about itself.</summary>
internal static class MapClasses
{
    public static readonly MapClass Untyped = new("BpfUntypedMap", MapArguments.None);

    private static readonly Dictionary<BpfMapType, MapClass> s_rows = new()
    {
        [BpfMapType.Hash] = new("BpfHashMap", MapArguments.KeyAndValue),
        [BpfMapType.RHash] = new("BpfHashMap", MapArguments.KeyAndValue),
        [BpfMapType.LruHash] = new("BpfLruHashMap", MapArguments.KeyAndValue),
        [BpfMapType.Array] = new("BpfArrayMap", MapArguments.Value),
        [BpfMapType.PerCpuHash] = new("BpfPerCpuHashMap", MapArguments.KeyAndValue, IsPerCpu: true),
        [BpfMapType.LruPerCpuHash] = new("BpfLruPerCpuHashMap", MapArguments.KeyAndValue, IsPerCpu: true),
        [BpfMapType.PerCpuArray] = new("BpfPerCpuArrayMap", MapArguments.Value, IsPerCpu: true),
        [BpfMapType.TaskStorage] = new("BpfTaskStorage", MapArguments.Value),
        [BpfMapType.LpmTrie] = new("BpfLpmTrie", MapArguments.KeyAndValue),
        [BpfMapType.Queue] = new("BpfQueue", MapArguments.Value),
        [BpfMapType.Stack] = new("BpfStack", MapArguments.Value),
        [BpfMapType.BloomFilter] = new("BpfBloomFilter", MapArguments.Value),
        [BpfMapType.ProgArray] = new("BpfProgramArray", MapArguments.None),
        [BpfMapType.PerfEventArray] = new("BpfPerfEventArray", MapArguments.Event),
        [BpfMapType.StackTrace] = new("BpfStackTraceMap", MapArguments.None),
        [BpfMapType.CGroupArray] = new("BpfCGroupArray", MapArguments.None),
        [BpfMapType.DevMap] = new("BpfDevMap", MapArguments.None),
        [BpfMapType.DevMapHash] = new("BpfDevHashMap", MapArguments.None),
        [BpfMapType.CpuMap] = new("BpfCpuMap", MapArguments.None),
        [BpfMapType.XskMap] = new("BpfXskMap", MapArguments.None),
        [BpfMapType.SockMap] = new("BpfSockMap", MapArguments.None),
        [BpfMapType.SockHash] = new("BpfSockHash", MapArguments.Key),
        [BpfMapType.ReusePortSockArray] = new("BpfReusePortSocketArray", MapArguments.None),
        [BpfMapType.SkStorage] = new("BpfSocketStorage", MapArguments.Value),
        [BpfMapType.InodeStorage] = new("BpfInodeStorage", MapArguments.Value),
        [BpfMapType.CGroupLocalStorage] = new("BpfCGroupLocalStorage", MapArguments.Value),
        [BpfMapType.CGroupStorageDeprecated] = new("BpfCGroupStorage", MapArguments.KeyAndValue),
        [BpfMapType.PerCpuCGroupStorageDeprecated] = new("BpfPerCpuCGroupStorage", MapArguments.KeyAndValue, IsPerCpu: true),
        [BpfMapType.UserRingBuf] = new("BpfUserRingBuffer", MapArguments.Event),
        [BpfMapType.InsnArray] = new("BpfInstructionArray", MapArguments.None),
        [BpfMapType.ArrayOfMaps] = new("BpfArrayOfMaps", MapArguments.Inner),
        [BpfMapType.HashOfMaps] = new("BpfHashOfMaps", MapArguments.KeyAndInner),
        [BpfMapType.Arena] = new("BpfArena", MapArguments.None),
        [BpfMapType.RingBuf] = new("BpfRingBuffer", MapArguments.Event),
    };

    public static MapClass Find(BpfMapType type) => s_rows.TryGetValue(type, out MapClass? row) ? row : Untyped;
}
