namespace Hypermesh.Bpf;

/// <summary>Values kept with sockets (<c>BPF_MAP_TYPE_SK_STORAGE</c>, 5.2).</summary>
/// <typeparam name="TValue">The value's type, laid out as the C has it.</typeparam>
public sealed class BpfSocketStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfSocketStorage(BpfMapDescriptor descriptor)
        : base(descriptor, BpfMapType.SkStorage)
    {
    }
}
