using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>Sockets to redirect data between (<c>BPF_MAP_TYPE_SOCKHASH</c>, 4.18), by key. A socket leaves the map when it closes.</summary>
/// <typeparam name="TKey">The key's type, laid out as the C has it.</typeparam>
public sealed unsafe class BpfSockHash<TKey> : BpfMap
    where TKey : unmanaged
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfSockHash(BpfMapDescriptor descriptor)
        : base(descriptor, [BpfMapType.SockHash])
    {
        CheckKey<TKey>();
    }

    /// <summary>Puts a socket in; one of the same key makes room.</summary>
    /// <param name="key">The key.</param>
    /// <param name="socket">A connected or listening TCP, UDP or Unix socket.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; EOPNOTSUPP: a socket of that kind or state cannot stand in it.</exception>
    public void Set(in TKey key, SafeHandle socket)
    {
        using var use = new SafeHandleUse(socket);
        long descriptor = use.Descriptor;
        fixed (TKey* k = &key)
        {
            this.Updated(MapCalls.Update(Descriptor, k, &descriptor, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Removes a socket from the map; the socket itself stays.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was none of that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            return this.WasFound(MapCalls.Delete(Descriptor, k), BpfCommand.MapDeleteElement, "Removing from");
        }
    }

    /// <summary>Which socket has a key; for maps declared with values of 8 bytes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cookie">The socket's number, as <c>SO_COOKIE</c> gives it.</param>
    /// <returns>False when there is none of that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused; ENOSPC: the map's values have 4 bytes.</exception>
    public bool TryGetCookie(in TKey key, out ulong cookie)
    {
        fixed (TKey* k = &key)
        fixed (ulong* value = &cookie)
        {
            *value = 0;
            return this.WasFound(MapCalls.Lookup(Descriptor, k, value), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>The program that looks at the map's sockets, for one of its parts (5.18). Needs CAP_NET_ADMIN.</summary>
    /// <param name="hook">The part: SkMsgVerdict, SkSkbStreamParser, SkSkbStreamVerdict or SkSkbVerdict.</param>
    /// <returns>That program, or none.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: it is older. EOPNOTSUPP: socket maps have no such part.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook) => ProgramQuery.OfDescriptor(Descriptor.Kernel, Descriptor.Created, hook, $"map {Descriptor.Name}");
}
