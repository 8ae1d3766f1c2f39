using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Network;

public sealed class NetworkProgramTests : KernelTest
{
    private const int Packets = 50;
    private const int PassXdp = 2;
    private const int PassClassifier = -1;
    private const int KeepWhole = -1;

    private readonly BpfArrayMap<ulong> _counter;
    private readonly BpfMapHandle _map;

    public NetworkProgramTests()
    {
        _map = Create(BpfMapType.Array, 4, 8, 1);
        _counter = new BpfArrayMap<ulong>(_map);
    }

    [Fact]
    public void Xdp_sees_the_packets_of_a_device() => PrivateNamespace.WithNetwork(() =>
    {
        var program = new BpfXdpProgram(Load.Descriptor("xdp", BpfProgramType.Xdp, Returning(PassXdp), BpfAttachType.Xdp));
        Own(new Unload(program));
        BpfProgramLink link = program.Attach(NetworkDevice.FromName("lo"), XdpMode.Generic);
        SendToSelf();
        Assert.Equal((ulong)Packets, _counter[0]);
        Assert.Throws<BpfException>(() => program.Attach(NetworkDevice.FromIndex(1), XdpMode.Generic));
        link.Detach();
        SendToSelf();
        Assert.Equal((ulong)Packets, _counter[0]);
        Assert.Throws<BpfSyscallException>(() => program.Attach(NetworkDevice.FromName("lo"), XdpMode.Native));
    });

    [Theory]
    [InlineData(BpfAttachType.TcxIngress)]
    [InlineData(BpfAttachType.TcxEgress)]
    public void Tcx_sees_the_packets_of_a_device(BpfAttachType type) => PrivateNamespace.WithNetwork(() =>
    {
        Needs(BpfFeature.TcxLink);
        var program = new BpfTcxProgram(Load.Descriptor("tcx", BpfProgramType.SchedCls, Returning(PassClassifier), type));
        Own(new Unload(program));
        BpfProgramLink link = program.Attach(NetworkDevice.FromName("lo"));
        SendToSelf();
        Assert.Equal((ulong)Packets, _counter[0]);
        link.Dispose();
        SendToSelf();
        Assert.Equal((ulong)Packets, _counter[0]);
    });

    [Fact]
    public void A_classifier_without_direction_is_attached_to_both() => PrivateNamespace.WithNetwork(() =>
    {
        Needs(BpfFeature.TcxLink);
        var program = new BpfSchedClassifierProgram(Load.Descriptor("tc", BpfProgramType.SchedCls, Returning(PassClassifier)));
        Own(new Unload(program));
        program.Attach(NetworkDevice.FromName("lo"), PacketDirection.Ingress);
        program.Attach(NetworkDevice.FromName("lo"), PacketDirection.Egress);
        SendToSelf();
        Assert.Equal(2ul * Packets, _counter[0]);
        Assert.Equal(2, program.Links.Count);
    });

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
        Assert.Equal((ulong)Packets, _counter[0]);
        link.Dispose();
        Send(socket);
        Assert.Equal((ulong)Packets, _counter[0]);
    }

    [Fact]
    public void A_device_that_is_not_there_is_told()
    {
        Assert.Contains("nosuchdev", Assert.Throws<BpfException>(() => NetworkDevice.FromName("nosuchdev")).Message, StringComparison.Ordinal);
        Assert.Throws<BpfException>(() => NetworkDevice.FromIndex(987654));
        Assert.Throws<BpfException>(() => NetworkDevice.FromIndex(0));
    }

    private static void SendToSelf()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Send(socket);
    }

    private static void Send(Socket receiver)
    {
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] packet = new byte[64];
        for (int i = 0; i < Packets; i++)
        {
            sender.SendTo(packet, receiver.LocalEndPoint!);
            Assert.Equal(packet.Length, receiver.Receive(packet));
        }
    }

    private BpfInstruction[] Returning(int verdict)
    {
        BpfInstruction[] code = Code.CountInto(_map);
        code[^2] = Code.Move(0, verdict);
        return code;
    }
}
