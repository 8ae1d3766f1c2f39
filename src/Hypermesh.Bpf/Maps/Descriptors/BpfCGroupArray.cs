using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>Control groups for programs to compare a task or a packet with (<c>BPF_MAP_TYPE_CGROUP_ARRAY</c>, 4.8).</summary>
public sealed class BpfCGroupArray : BpfDescriptorArray
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfCGroupArray(BpfMapDescriptor descriptor)
        : base(descriptor, BpfMapType.CGroupArray)
    {
    }

    /// <summary>Puts a group in.</summary>
    /// <param name="index">The element.</param>
    /// <param name="cgroup">The descriptor of its directory, of cgroup v2.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: the descriptor is none of a group.</exception>
    public void Set(int index, SafeHandle cgroup) => Put(index, cgroup);

    /// <summary>Puts a group in.</summary>
    /// <param name="index">The element.</param>
    /// <param name="path">Its directory, such as <c>/sys/fs/cgroup/system.slice</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">There is no such directory, or the kernel refused.</exception>
    public void Set(int index, string path)
    {
        using BpfHandle directory = DescriptorKeys.Open(this, path);
        Put(index, directory);
    }
}
