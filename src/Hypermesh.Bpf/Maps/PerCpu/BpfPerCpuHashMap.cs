namespace Hypermesh.Bpf;

/// <summary>A hash map with a value for each CPU (<c>BPF_MAP_TYPE_PERCPU_HASH</c>, 4.6). An update of a full map fails with E2BIG.</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfPerCpuHashMap<TKey, TValue> : BpfPerCpuKeyedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfPerCpuHashMap(BpfMapHandle handle)
        : base(handle, BpfMapType.PerCpuHash)
    {
    }
}

/// <summary>A hash map with a value for each CPU that drops the least recently used entry when it is full (<c>BPF_MAP_TYPE_LRU_PERCPU_HASH</c>, 4.10).</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfLruPerCpuHashMap<TKey, TValue> : BpfPerCpuKeyedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfLruPerCpuHashMap(BpfMapHandle handle)
        : base(handle, BpfMapType.LruPerCpuHash)
    {
    }
}
