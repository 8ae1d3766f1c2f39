using System.Runtime.InteropServices;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>Sockets to redirect data between (<c>BPF_MAP_TYPE_SOCKMAP</c>, 4.14), by index. A socket leaves the map when it closes.</summary>
public sealed unsafe class BpfSockMap : BpfDescriptorArray
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfSockMap(BpfMapHandle handle)
        : base(handle, BpfMapType.SockMap)
    {
    }

    /// <summary>Sets the socket of an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="socket">A connected or listening TCP, UDP or Unix socket.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EOPNOTSUPP: the map does not accept sockets of that kind or state.</exception>
    public void Set(int index, SafeHandle socket) => Put(index, socket);

    /// <summary>Gets the cookie of the socket in an element, for maps with 8-byte values.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="cookie">The socket's cookie, as from <c>SO_COOKIE</c>.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENOSPC: the map's values have 4 bytes.</exception>
    public bool TryGetCookie(int index, out ulong cookie)
    {
        this.CheckIndex(index);
        fixed (ulong* value = &cookie)
        {
            *value = 0;
            return this.WasFound(MapCalls.Lookup(MapHandle, &index, value), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Returns the program attached to a hook of the map (5.18). Needs CAP_NET_ADMIN.</summary>
    /// <param name="hook">The hook: SkMsgVerdict, SkSkbStreamParser, SkSkbStreamVerdict or SkSkbVerdict.</param>
    /// <returns>The program, or an empty list.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the kernel is older than 5.18; EOPNOTSUPP: socket maps do not have that hook.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook) => ProgramQuery.OfDescriptor(MapHandle.Kernel, MapHandle.Created, hook, $"map {MapHandle.Name}");
}

/// <summary>Sockets to redirect data between (<c>BPF_MAP_TYPE_SOCKHASH</c>, 4.18), by key. A socket leaves the map when it closes.</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfSockHash<TKey> : BpfMap
    where TKey : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfSockHash(BpfMapHandle handle)
        : base(handle, [BpfMapType.SockHash])
    {
        CheckKey<TKey>();
    }

    /// <summary>Sets the socket of a key; it replaces the previous one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="socket">A connected or listening TCP, UDP or Unix socket.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EOPNOTSUPP: the map does not accept sockets of that kind or state.</exception>
    public void Set(in TKey key, SafeHandle socket)
    {
        using var use = new SafeHandleUse(socket);
        long descriptor = use.Descriptor;
        fixed (TKey* k = &key)
        {
            this.Updated(MapCalls.Update(MapHandle, k, &descriptor, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Removes a socket from the map; the socket stays open.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            return this.WasFound(MapCalls.Delete(MapHandle, k), BpfCommand.MapDeleteElement, "Removing from");
        }
    }

    /// <summary>Gets the cookie of the socket with a key, for maps with 8-byte values.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cookie">The socket's cookie, as from <c>SO_COOKIE</c>.</param>
    /// <returns>False when there is no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENOSPC: the map's values have 4 bytes.</exception>
    public bool TryGetCookie(in TKey key, out ulong cookie)
    {
        fixed (TKey* k = &key)
        fixed (ulong* value = &cookie)
        {
            *value = 0;
            return this.WasFound(MapCalls.Lookup(MapHandle, k, value), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Returns the program attached to a hook of the map (5.18). Needs CAP_NET_ADMIN.</summary>
    /// <param name="hook">The hook: SkMsgVerdict, SkSkbStreamParser, SkSkbStreamVerdict or SkSkbVerdict.</param>
    /// <returns>The program, or an empty list.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the kernel is older than 5.18; EOPNOTSUPP: socket maps do not have that hook.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook) => ProgramQuery.OfDescriptor(MapHandle.Kernel, MapHandle.Created, hook, $"map {MapHandle.Name}");
}

/// <summary>Sockets of one SO_REUSEPORT group, from which a program selects one (<c>BPF_MAP_TYPE_REUSEPORT_SOCKARRAY</c>, 4.19).</summary>
public sealed unsafe class BpfReusePortSocketArray : BpfDescriptorArray
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfReusePortSocketArray(BpfMapHandle handle)
        : base(handle, BpfMapType.ReusePortSockArray)
    {
    }

    /// <summary>Sets the socket of an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="socket">A bound socket with SO_REUSEPORT set; it can be in only one such map at a time.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: SO_REUSEPORT is not set, or the socket is not bound; EBUSY: it is already in a map.</exception>
    public void Set(int index, SafeHandle socket) => Put(index, socket);

    /// <summary>Gets the cookie of the socket in an element, for maps with 8-byte values.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="cookie">The socket's cookie, as from <c>SO_COOKIE</c>.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENOSPC: the map's values have 4 bytes.</exception>
    public bool TryGetCookie(int index, out ulong cookie)
    {
        this.CheckIndex(index);
        fixed (ulong* value = &cookie)
        {
            *value = 0;
            return this.WasFound(MapCalls.Lookup(MapHandle, &index, value), BpfCommand.MapLookupElement, "Reading");
        }
    }
}
