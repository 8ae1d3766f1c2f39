using System.Net.Sockets;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A filter on the packets a socket receives (<c>socket</c>, 3.19).</summary>
public sealed class BpfSocketFilterProgram : BpfProgram, IBpfPacketTest
{
    internal BpfSocketFilterProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a socket; the filter ends with the link or the socket, whichever ends first.</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        string target = $"socket {socket.Handle}";
        return AttachTo(target, program => SocketLink.OpenFilter(Request(target, Capabilities.None), program, socket.SafeHandle));
    }
}

/// <summary>A program that selects one of the sockets that share a port (<c>sk_reuseport</c>, 4.19; <c>sk_reuseport/migrate</c>, 5.14).</summary>
public sealed class BpfReusePortProgram : BpfProgram
{
    internal BpfReusePortProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a group of sockets, by any of them; it ends with the link or the group. Needs CAP_BPF and CAP_NET_ADMIN to load.</summary>
    /// <param name="socket">A socket with SO_REUSEPORT set.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the socket is not in such a group.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        string target = $"the port of socket {socket.Handle}";
        return AttachTo(target, program => SocketLink.OpenReusePort(Request(target, Capabilities.None), program, socket.SafeHandle));
    }
}

/// <summary>
/// Attaches a program to a socket: a filter (SO_ATTACH_BPF, 3.19), or a selector among the sockets of a port (SO_ATTACH_REUSEPORT_EBPF, 4.5). The kernel has no link
/// object for it, so detaching is an option too.
/// </summary>
internal sealed class SocketLink : LinkResource
{
    private const int SocketLevel = 1;
    private const int AttachProgram = 50;
    private const int DetachFilter = 27;
    private const int AttachReusePort = 52;
    private const int DetachReusePort = 68;

    private readonly IKernel _kernel;
    private readonly SafeSocketHandle _socket;
    private readonly int _detach;

    private SocketLink(IKernel kernel, SafeSocketHandle socket, int detach)
    {
        _kernel = kernel;
        _socket = socket;
        _detach = detach;
    }

    // The descriptor's number may belong to another socket by now.
    internal override bool HasEnded => _socket.IsClosed;

    internal static SocketLink OpenFilter(in LinkRequest request, int program, SafeSocketHandle socket)
        => Open(request, program, socket, AttachProgram, DetachFilter, "setsockopt(SO_ATTACH_BPF)");

    /// <summary>Attaches a selector. Before 5.3 it cannot be detached, and ends with the last socket of the group.</summary>
    internal static SocketLink OpenReusePort(in LinkRequest request, int program, SafeSocketHandle socket)
        => Open(request, program, socket, AttachReusePort, DetachReusePort, "setsockopt(SO_ATTACH_REUSEPORT_EBPF)");

    public override void Dispose()
    {
        try
        {
            using var use = new SafeHandleUse(_socket);
            _kernel.SetSocketOption(use.Descriptor, SocketLevel, _detach, 0);
        }
        catch (ObjectDisposedException)
        {
            // The filter ended with its socket.
        }
    }

    private static SocketLink Open(in LinkRequest request, int program, SafeSocketHandle socket, int attach, int detach, string operation)
    {
        using var use = new SafeHandleUse(socket);
        long result = request.Kernel.SetSocketOption(use.Descriptor, SocketLevel, attach, program);
        return result < 0 ? throw request.Error(operation, result) : new SocketLink(request.Kernel, socket, detach);
    }
}
