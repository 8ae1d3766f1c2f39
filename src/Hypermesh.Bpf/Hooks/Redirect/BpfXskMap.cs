using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>AF_XDP sockets, by receive queue (<c>BPF_MAP_TYPE_XSKMAP</c>, 4.18). User space can set and remove them, but not read them.</summary>
public sealed class BpfXskMap : BpfDescriptorArray
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfXskMap(BpfMapHandle handle)
        : base(handle, BpfMapType.XskMap)
    {
    }

    /// <summary>Sets the socket of an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="socket">An AF_XDP socket.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EOPNOTSUPP: the socket is of another family.</exception>
    public void Set(int index, SafeHandle socket) => Put(index, socket);
}
