namespace Hypermesh.Bpf;

/// <summary>Maps by index (<c>BPF_MAP_TYPE_ARRAY_OF_MAPS</c>, 4.12).</summary>
/// <typeparam name="TInner">The typed map over an inner map.</typeparam>
public sealed unsafe class BpfArrayOfMaps<TInner> : BpfMapOfMaps<TInner>
    where TInner : BpfMap
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <param name="view">Makes the typed map of an inner map's descriptor, such as <c>inner =&gt; new BpfHashMap&lt;uint, ulong&gt;(inner)</c>.</param>
    /// <exception cref="BpfException">The map is of another kind, or its key's size is not that of the type.</exception>
    public BpfArrayOfMaps(BpfMapDescriptor descriptor, Func<BpfMapDescriptor, TInner> view)
        : base(descriptor, view, BpfMapType.ArrayOfMaps)
        => CheckKey<int>();

    /// <summary>Puts an inner map in; the one there before makes room.</summary>
    /// <param name="index">The element.</param>
    /// <param name="inner">The inner map.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: the map is not like the pattern.</exception>
    public void Set(int index, BpfMap inner)
    {
        this.CheckIndex(index);
        Put(&index, inner);
    }

    /// <summary>Which map an element holds.</summary>
    /// <param name="index">The element.</param>
    /// <param name="mapId">The kernel's number of the inner map.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool TryGetId(int index, out uint mapId)
    {
        this.CheckIndex(index);
        return TryGet(&index, out mapId);
    }

    /// <summary>Opens the map an element holds. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="index">The element.</param>
    /// <returns>The inner map, whose descriptor the caller disposes; null when there is none.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public TInner? Open(int index) => TryGetId(index, out uint id) ? OpenById(id) : null;

    /// <summary>Takes an inner map out.</summary>
    /// <param name="index">The element.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool Remove(int index)
    {
        this.CheckIndex(index);
        return this.WasFound(MapCalls.Delete(Descriptor, &index), BpfCommand.MapDeleteElement, "Removing from");
    }
}
