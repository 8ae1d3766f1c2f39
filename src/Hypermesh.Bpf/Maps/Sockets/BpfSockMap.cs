using System.Runtime.InteropServices;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>Sockets to redirect data between (<c>BPF_MAP_TYPE_SOCKMAP</c>, 4.14), by index. A socket leaves the map when it closes.</summary>
public sealed unsafe class BpfSockMap : BpfDescriptorArray
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfSockMap(BpfMapHandle handle)
        : base(handle, BpfMapType.SockMap)
    {
    }

    /// <summary>Puts a socket in.</summary>
    /// <param name="index">The element.</param>
    /// <param name="socket">A connected or listening TCP, UDP or Unix socket.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EOPNOTSUPP: a socket of that kind or state cannot stand in it.</exception>
    public void Set(int index, SafeHandle socket) => Put(index, socket);

    /// <summary>Which socket an element holds; for maps declared with values of 8 bytes.</summary>
    /// <param name="index">The element.</param>
    /// <param name="cookie">The socket's number, as <c>SO_COOKIE</c> gives it.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENOSPC: the map's values have 4 bytes.</exception>
    public bool TryGetCookie(int index, out ulong cookie)
    {
        this.CheckIndex(index);
        fixed (ulong* value = &cookie)
        {
            *value = 0;
            return this.WasFound(MapCalls.Lookup(Handle, &index, value), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>The program that looks at the map's sockets, for one of its parts (5.18). Needs CAP_NET_ADMIN.</summary>
    /// <param name="hook">The part: SkMsgVerdict, SkSkbStreamParser, SkSkbStreamVerdict or SkSkbVerdict.</param>
    /// <returns>That program, or none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: it is older. EOPNOTSUPP: socket maps have no such part.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook) => ProgramQuery.OfDescriptor(Handle.Kernel, Handle.Created, hook, $"map {Handle.Name}");
}

/// <summary>Sockets to redirect data between (<c>BPF_MAP_TYPE_SOCKHASH</c>, 4.18), by key. A socket leaves the map when it closes.</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfSockHash<TKey> : BpfMap
    where TKey : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfSockHash(BpfMapHandle handle)
        : base(handle, [BpfMapType.SockHash])
    {
        CheckKey<TKey>();
    }

    /// <summary>Puts a socket in; one of the same key makes room.</summary>
    /// <param name="key">The key.</param>
    /// <param name="socket">A connected or listening TCP, UDP or Unix socket.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EOPNOTSUPP: a socket of that kind or state cannot stand in it.</exception>
    public void Set(in TKey key, SafeHandle socket)
    {
        using var use = new SafeHandleUse(socket);
        long descriptor = use.Descriptor;
        fixed (TKey* k = &key)
        {
            this.Updated(MapCalls.Update(Handle, k, &descriptor, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Removes a socket from the map; the socket itself stays.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            return this.WasFound(MapCalls.Delete(Handle, k), BpfCommand.MapDeleteElement, "Removing from");
        }
    }

    /// <summary>Which socket has a key; for maps declared with values of 8 bytes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cookie">The socket's number, as <c>SO_COOKIE</c> gives it.</param>
    /// <returns>False when there is no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENOSPC: the map's values have 4 bytes.</exception>
    public bool TryGetCookie(in TKey key, out ulong cookie)
    {
        fixed (TKey* k = &key)
        fixed (ulong* value = &cookie)
        {
            *value = 0;
            return this.WasFound(MapCalls.Lookup(Handle, k, value), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>The program that looks at the map's sockets, for one of its parts (5.18). Needs CAP_NET_ADMIN.</summary>
    /// <param name="hook">The part: SkMsgVerdict, SkSkbStreamParser, SkSkbStreamVerdict or SkSkbVerdict.</param>
    /// <returns>That program, or none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: it is older. EOPNOTSUPP: socket maps have no such part.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook) => ProgramQuery.OfDescriptor(Handle.Kernel, Handle.Created, hook, $"map {Handle.Name}");
}

/// <summary>Sockets of one SO_REUSEPORT group for a program to choose among (<c>BPF_MAP_TYPE_REUSEPORT_SOCKARRAY</c>, 4.19).</summary>
public sealed unsafe class BpfReusePortSocketArray : BpfDescriptorArray
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfReusePortSocketArray(BpfMapHandle handle)
        : base(handle, BpfMapType.ReusePortSockArray)
    {
    }

    /// <summary>Puts a socket in.</summary>
    /// <param name="index">The element.</param>
    /// <param name="socket">A bound socket with SO_REUSEPORT set; one stands in one such map at a time.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: SO_REUSEPORT is not set, or the socket is not bound; EBUSY: it stands in a map already.</exception>
    public void Set(int index, SafeHandle socket) => Put(index, socket);

    /// <summary>Which socket an element holds; for maps declared with values of 8 bytes.</summary>
    /// <param name="index">The element.</param>
    /// <param name="cookie">The socket's number, as <c>SO_COOKIE</c> gives it.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENOSPC: the map's values have 4 bytes.</exception>
    public bool TryGetCookie(int index, out ulong cookie)
    {
        this.CheckIndex(index);
        fixed (ulong* value = &cookie)
        {
            *value = 0;
            return this.WasFound(MapCalls.Lookup(Handle, &index, value), BpfCommand.MapLookupElement, "Reading");
        }
    }
}
