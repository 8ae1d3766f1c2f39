using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>Sockets to redirect data between (<c>BPF_MAP_TYPE_SOCKMAP</c>, 4.14), by index. A socket leaves the map when it closes.</summary>
public sealed unsafe class BpfSockMap : BpfDescriptorArray
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfSockMap(BpfMapDescriptor descriptor)
        : base(descriptor, BpfMapType.SockMap)
    {
    }

    /// <summary>Puts a socket in.</summary>
    /// <param name="index">The element.</param>
    /// <param name="socket">A connected or listening TCP, UDP or Unix socket.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EOPNOTSUPP: a socket of that kind or state cannot stand in it.</exception>
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

    /// <summary>The program that looks at the map's sockets, for one of its parts (5.18). Needs CAP_NET_ADMIN.</summary>
    /// <param name="hook">The part: SkMsgVerdict, SkSkbStreamParser, SkSkbStreamVerdict or SkSkbVerdict.</param>
    /// <returns>That program, or none.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: it is older. EOPNOTSUPP: socket maps have no such part.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook) => ProgramQuery.OfDescriptor(Descriptor.Kernel, Descriptor.Created, hook, $"map {Descriptor.Name}");
}
