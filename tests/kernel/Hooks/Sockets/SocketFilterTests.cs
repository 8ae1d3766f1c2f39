using System.Net;
using System.Net.Sockets;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Sockets;

/// <summary>Socket filters from instructions.</summary>
public sealed class SocketFilterTests : PacketTest
{
    private const int KeepWhole = -1;

    [Fact]
    public void A_socket_filter_sees_what_its_socket_gets()
    {
        var program = new BpfSocketFilterProgram(Load.Descriptor("filter", BpfProgramType.SocketFilter, Returning(KeepWhole)));
        Own(new Unload(program));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        BpfProgramLink link = program.Attach(socket);
        Assert.Null(link.Id);
        Send(socket);
        Assert.Equal((ulong)Packets, Counter[0]);
        link.Dispose();
        Send(socket);
        Assert.Equal((ulong)Packets, Counter[0]);
    }
}
