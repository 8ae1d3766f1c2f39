namespace Hypermesh.Bpf;

/// <summary>Values kept with control groups of cgroup v2, reached by their directory (<c>BPF_MAP_TYPE_CGRP_STORAGE</c>, 6.2).</summary>
/// <typeparam name="TValue">The value's type, laid out as the C has it.</typeparam>
public sealed class BpfCGroupLocalStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfCGroupLocalStorage(BpfMapDescriptor descriptor)
        : base(descriptor, BpfMapType.CGroupLocalStorage)
    {
    }
}
