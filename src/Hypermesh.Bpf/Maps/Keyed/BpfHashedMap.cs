namespace Hypermesh.Bpf;

/// <summary>What hash maps have in common beyond keys: an entry can be taken out and read in one step.</summary>
/// <typeparam name="TKey">The key's type, laid out as the C has it.</typeparam>
/// <typeparam name="TValue">The value's type, laid out as the C has it.</typeparam>
public abstract unsafe class BpfHashedMap<TKey, TValue> : BpfKeyedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private protected BpfHashedMap(BpfMapDescriptor descriptor, params ReadOnlySpan<BpfMapType> allowed)
        : base(descriptor, allowed)
    {
    }

    /// <summary>Removes an entry and says what it held, in one step (5.14 for hash maps): no count of a program is lost in between.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">What it held.</param>
    /// <returns>False when there was none of that key.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 5.14.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool TryTake(in TKey key, out TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.LookupAndDelete(Descriptor, k, v), BpfCommand.MapLookupAndDeleteElement, "Taking from");
        }
    }

    /// <summary>
    /// Takes all entries out and says what they held, by batch where the kernel has it (5.6), else one by one: what the programs count meanwhile is either in the
    /// batch or still in the map. Nothing is allocated once the batch has the map's size.
    /// </summary>
    /// <param name="batch">Where they go; what it held is replaced.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel has neither (before 5.6).</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public int TakeAll(MapBatch<TKey, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.TakeAll(this, batch.Buffer);
    }
}
