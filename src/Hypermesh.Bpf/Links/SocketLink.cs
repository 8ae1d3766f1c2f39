using System.Net.Sockets;

namespace Hypermesh.Bpf;

/// <summary>A filter on a socket (SO_ATTACH_BPF, 3.19): the kernel has no link object for it, so detaching is an option too.</summary>
internal sealed class SocketLink : LinkResource
{
    private const int SocketLevel = 1;
    private const int AttachProgram = 50;
    private const int DetachFilter = 27;

    private readonly IKernel _kernel;
    private readonly SafeSocketHandle _socket;

    private SocketLink(IKernel kernel, SafeSocketHandle socket)
    {
        _kernel = kernel;
        _socket = socket;
    }

    // The socket's number may be another socket's by now.
    internal override bool HasEnded => _socket.IsClosed;

    internal static SocketLink Open(in LinkRequest request, int program, SafeSocketHandle socket)
    {
        using var use = new SafeHandleUse(socket);
        long result = request.Kernel.SetSocketOption(use.Descriptor, SocketLevel, AttachProgram, program);
        return result < 0 ? throw request.Error("setsockopt(SO_ATTACH_BPF)", result) : new SocketLink(request.Kernel, socket);
    }

    public override void Dispose()
    {
        try
        {
            using var use = new SafeHandleUse(_socket);
            _kernel.SetSocketOption(use.Descriptor, SocketLevel, DetachFilter, 0);
        }
        catch (ObjectDisposedException)
        {
            // The filter ended with its socket.
        }
    }
}
