namespace Hypermesh.Bpf;

/// <summary>Maps by key (<c>BPF_MAP_TYPE_HASH_OF_MAPS</c>, 4.12).</summary>
/// <typeparam name="TKey">The key's type, laid out as the C has it.</typeparam>
/// <typeparam name="TInner">The typed map over an inner map.</typeparam>
public sealed unsafe class BpfHashOfMaps<TKey, TInner> : BpfMapOfMaps<TInner>
    where TKey : unmanaged
    where TInner : BpfMap
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <param name="view">Makes the typed map of an inner map's descriptor, such as <c>inner =&gt; new BpfHashMap&lt;uint, ulong&gt;(inner)</c>.</param>
    /// <exception cref="BpfException">The map is of another kind, or its key's size is not that of the type.</exception>
    public BpfHashOfMaps(BpfMapDescriptor descriptor, Func<BpfMapDescriptor, TInner> view)
        : base(descriptor, view, BpfMapType.HashOfMaps)
        => CheckKey<TKey>();

    /// <summary>Puts an inner map in; the one there before makes room.</summary>
    /// <param name="key">The key.</param>
    /// <param name="inner">The inner map.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: the map is not like the pattern.</exception>
    public void Set(in TKey key, BpfMap inner)
    {
        fixed (TKey* k = &key)
        {
            Put(k, inner);
        }
    }

    /// <summary>Which map a key has.</summary>
    /// <param name="key">The key.</param>
    /// <param name="mapId">The kernel's number of the inner map.</param>
    /// <returns>False when there is none of that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool TryGetId(in TKey key, out uint mapId)
    {
        fixed (TKey* k = &key)
        {
            return TryGet(k, out mapId);
        }
    }

    /// <summary>Opens the map of a key. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The inner map, whose descriptor the caller disposes; null when there is none.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public TInner? Open(in TKey key) => TryGetId(in key, out uint id) ? OpenById(id) : null;

    /// <summary>Takes an inner map out.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            return this.WasFound(MapCalls.Delete(Descriptor, k), BpfCommand.MapDeleteElement, "Removing from");
        }
    }
}
