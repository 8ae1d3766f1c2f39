using System.Net.Sockets;

namespace Hypermesh.Bpf;

/// <summary>A filter on the packets a socket receives (<c>socket</c>, 3.19).</summary>
public sealed class BpfSocketFilterProgram : BpfProgram, IBpfPacketTest
{
    internal BpfSocketFilterProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a socket; the filter ends with the link or the socket, whichever is first.</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        string target = $"socket {socket.Handle}";
        return AttachTo(target, program => SocketLink.OpenFilter(Request(target, Capabilities.None), program, socket.SafeHandle));
    }
}
