using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>A set that may say yes to what is not in it, and never no to what is (<c>BPF_MAP_TYPE_BLOOM_FILTER</c>, 5.16). Nothing is ever removed.</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfBloomFilter<TValue> : BpfMap
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfBloomFilter(BpfMapHandle handle)
        : base(handle, [BpfMapType.BloomFilter])
    {
        CheckValue<TValue>();
    }

    /// <summary>Puts a value into the set.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Add(in TValue value)
    {
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(Handle, null, v, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>False when the value is surely not in the set.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool MayContain(in TValue value)
    {
        fixed (TValue* v = &value)
        {
            return this.WasFound(MapCalls.Lookup(Handle, null, v), BpfCommand.MapLookupElement, "Reading");
        }
    }
}
