using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>Sockets of one SO_REUSEPORT group for a program to choose among (<c>BPF_MAP_TYPE_REUSEPORT_SOCKARRAY</c>, 4.19).</summary>
public sealed unsafe class BpfReusePortSocketArray : BpfDescriptorArray
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfReusePortSocketArray(BpfMapDescriptor descriptor)
        : base(descriptor, BpfMapType.ReusePortSockArray)
    {
    }

    /// <summary>Puts a socket in.</summary>
    /// <param name="index">The element.</param>
    /// <param name="socket">A bound socket with SO_REUSEPORT set; one stands in one such map at a time.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: SO_REUSEPORT is not set, or the socket is not bound; EBUSY: it stands in a map already.</exception>
    public void Set(int index, SafeHandle socket) => Put(index, socket);

    /// <summary>Which socket an element holds; for maps declared with values of 8 bytes.</summary>
    /// <param name="index">The element.</param>
    /// <param name="cookie">The socket's number, as <c>SO_COOKIE</c> gives it.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; ENOSPC: the map's values have 4 bytes.</exception>
    public bool TryGetCookie(int index, out ulong cookie)
    {
        this.CheckIndex(index);
        fixed (ulong* value = &cookie)
        {
            *value = 0;
            return this.WasFound(MapCalls.Lookup(Descriptor, &index, value), BpfCommand.MapLookupElement, "Reading");
        }
    }
}
