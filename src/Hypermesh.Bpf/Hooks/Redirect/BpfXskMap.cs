using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>AF_XDP sockets, by receive queue (<c>BPF_MAP_TYPE_XSKMAP</c>, 4.18). User space may set and remove them, not read them.</summary>
public sealed class BpfXskMap : BpfDescriptorArray
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfXskMap(BpfMapHandle handle)
        : base(handle, BpfMapType.XskMap)
    {
    }

    /// <summary>Puts a socket in.</summary>
    /// <param name="index">The element.</param>
    /// <param name="socket">An AF_XDP socket.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EOPNOTSUPP: the socket is of another family.</exception>
    public void Set(int index, SafeHandle socket) => Put(index, socket);
}
