namespace Hypermesh.Bpf;

/// <summary>
/// A hash map (<c>BPF_MAP_TYPE_HASH</c>, 3.19), or one whose table grows and shrinks with its entries (<c>BPF_MAP_TYPE_RHASH</c>, 7.2). An update of a full map fails with
/// E2BIG.
/// </summary>
/// <remarks>
/// The growing kind changes values in place: who reads one meanwhile may see parts of both, unless the value has a lock and is read under it. While its table changes size,
/// for a moment after many entries have come or gone, reading all entries passes over some and gives others twice; taking them out (<c>TakeAll</c>) does neither, but goes
/// key by key.
/// </remarks>
/// <typeparam name="TKey">The key's type, laid out as the C has it.</typeparam>
/// <typeparam name="TValue">The value's type, laid out as the C has it.</typeparam>
public sealed unsafe class BpfHashMap<TKey, TValue> : BpfHashedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Looks at a map through its types.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfHashMap(BpfMapDescriptor descriptor)
        : base(descriptor, BpfMapType.Hash, BpfMapType.RHash)
    {
    }

    /// <summary>Reads one entry whose value has a <c>bpf_spin_lock</c>, under that lock (5.1): no program is half way through changing it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value; the lock itself reads as 0.</param>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: the value has no lock.</exception>
    public bool TryGetValueLocked(in TKey key, out TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(Descriptor, k, v, ElementFlags.Lock), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Writes one entry whose value has a <c>bpf_spin_lock</c>: in place under that lock when it is there (5.1), else as a new one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; the lock in it is passed over.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: the value has no lock; E2BIG: the map is full.</exception>
    public void SetLocked(in TKey key, in TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(Descriptor, k, v, ElementFlags.Lock), UpdateMode.Any);
        }
    }
}
