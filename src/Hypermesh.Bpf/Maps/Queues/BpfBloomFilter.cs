using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>A Bloom filter (<c>BPF_MAP_TYPE_BLOOM_FILTER</c>, 5.16): a set that can have false positives, but no false negatives. Values cannot be removed.</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfBloomFilter<TValue> : BpfMap
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfBloomFilter(BpfMapHandle handle)
        : base(handle, [BpfMapType.BloomFilter])
    {
        CheckValue<TValue>();
    }

    /// <summary>Adds a value to the set.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Add(in TValue value)
    {
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(MapHandle, null, v, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Returns false if the value is certainly not in the set.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool MayContain(in TValue value)
    {
        fixed (TValue* v = &value)
        {
            return this.WasFound(MapCalls.Lookup(MapHandle, null, v), BpfCommand.MapLookupElement, "Reading");
        }
    }
}
