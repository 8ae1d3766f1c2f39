using Hypermesh.Bpf;

namespace Hypermesh.BpfSdk.Skeletons.Sources;

/// <summary>The type arguments of a map's class.</summary>
internal enum MapArguments
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The value.</summary>
    Value,

    /// <summary>The key.</summary>
    Key,

    /// <summary>The key and the value.</summary>
    KeyAndValue,

    /// <summary>The event, where the C names its type.</summary>
    Event,

    /// <summary>The class of the inner maps.</summary>
    Inner,

    /// <summary>The key and the class of the inner maps.</summary>
    KeyAndInner,
}

/// <summary>One row of <see cref="MapClasses"/>.</summary>
/// <param name="Name">The class in the library.</param>
/// <param name="Arguments">Its type arguments.</param>
/// <param name="IsPerCpu">True when each CPU has its own value.</param>
internal sealed record MapClass(string Name, MapArguments Arguments, bool IsPerCpu = false);

/// <summary>The table from a map's kind to its class in the library. A map type without a row becomes <c>BpfUntypedMap</c>, which has no access to entries.</summary>
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
