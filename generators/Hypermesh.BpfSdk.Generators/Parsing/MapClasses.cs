using Hypermesh.Bpf;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>The table from a map's kind to its class in the library. A kind without a row becomes <c>BpfUntypedMap</c>, which only tells about itself.</summary>
internal static class MapClasses
{
    public static readonly MapClass Untyped = new("BpfUntypedMap", MapArguments.None);

    private static readonly Dictionary<BpfMapType, MapClass> s_rows = new()
    {
        [BpfMapType.Hash] = new("BpfHashMap", MapArguments.KeyAndValue),
        [BpfMapType.LruHash] = new("BpfLruHashMap", MapArguments.KeyAndValue),
        [BpfMapType.Array] = new("BpfArrayMap", MapArguments.Value),
        [BpfMapType.PerCpuHash] = new("BpfPerCpuHashMap", MapArguments.KeyAndValue, IsPerCpu: true),
        [BpfMapType.LruPerCpuHash] = new("BpfLruPerCpuHashMap", MapArguments.KeyAndValue, IsPerCpu: true),
        [BpfMapType.PerCpuArray] = new("BpfPerCpuArrayMap", MapArguments.Value, IsPerCpu: true),
        [BpfMapType.TaskStorage] = new("BpfTaskStorage", MapArguments.Value),
        [BpfMapType.RingBuf] = new("BpfRingBuffer", MapArguments.Event),
    };

    public static MapClass Find(BpfMapType type) => s_rows.TryGetValue(type, out MapClass? row) ? row : Untyped;
}
