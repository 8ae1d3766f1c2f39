namespace Hypermesh.Bpf;

/// <summary>Values kept with inodes, reached by any open file of them (<c>BPF_MAP_TYPE_INODE_STORAGE</c>, 5.10, CONFIG_BPF_LSM).</summary>
/// <typeparam name="TValue">The value's type, laid out as the C has it.</typeparam>
public sealed class BpfInodeStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfInodeStorage(BpfMapDescriptor descriptor)
        : base(descriptor, BpfMapType.InodeStorage)
    {
    }
}
