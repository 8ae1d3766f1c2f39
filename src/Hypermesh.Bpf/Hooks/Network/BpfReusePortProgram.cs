using System.Net.Sockets;

namespace Hypermesh.Bpf;

/// <summary>A program that chooses among the sockets that share a port (<c>sk_reuseport</c>, 4.19; <c>sk_reuseport/migrate</c>, 5.14).</summary>
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
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: the socket is of no such group.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        string target = $"the port of socket {socket.Handle}";
        return AttachTo(target, program => SocketLink.OpenReusePort(Request(target, Capabilities.None), program, socket.SafeHandle));
    }
}
