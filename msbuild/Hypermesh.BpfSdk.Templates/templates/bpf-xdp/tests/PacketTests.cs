using System.Net;
using System.Net.Sockets;
using BpfXdp1;

namespace BpfXdp1.Tests;

public sealed class PacketTests
{
    private const uint Drop = 1;
    private const uint Pass = 2;

    [BpfTheory]
    [InlineData(9999, Drop)]
    [InlineData(9998, Pass)]
    public void Datagrams_to_the_port_are_dropped(int port, uint verdict)
    {
        using Packets packets = Packets.Open(spec => spec.Globals.DropPort = 9999).Load();

        BpfTestRunResult result = packets.Programs.CountPackets.TestRun(TestPacket.Udp(1234, port));

        Assert.Equal(verdict, result.ReturnValue);
        Assert.Equal(1ul, packets.Maps.ByProtocol[(int)ProtocolType.Udp].Sum().Packets);
    }

    [BpfFact]
    public void What_comes_in_on_a_device_is_counted()
    {
        using var network = new PrivateNetwork();
        network.Run(Send);
    }

    private static void Send()
    {
        using Packets packets = Packets.Open().Load();
        packets.Programs.CountPackets.Attach(NetworkDevice.FromName("veth0"), XdpMode.Generic);

        // A multicast that leaves by the other end of the pair comes in here.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Parse("192.0.2.2").GetAddressBytes());
        for (int i = 0; i < 3; i++)
        {
            socket.SendTo(new byte[100], new IPEndPoint(IPAddress.Parse("239.0.0.1"), 9999));
        }

        SpinWait.SpinUntil(() => packets.Maps.ByProtocol[(int)ProtocolType.Udp].Sum().Packets >= 3, TimeSpan.FromSeconds(5));
        Packets.Traffic seen = packets.Maps.ByProtocol[(int)ProtocolType.Udp].Sum();
        Assert.Equal((3ul, 3ul * (14 + 20 + 8 + 100)), (seen.Packets, seen.Bytes));
    }
}
