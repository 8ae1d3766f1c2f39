using System.Net.Sockets;
using BPF_IDENTIFIER;

namespace BPF_IDENTIFIER.Tests;

public sealed class PacketTests
{
    private const uint Drop = 1;
    private const uint Pass = 2;

    // Reading the object requires no capability; only loading it does.
    [Fact]
    public void Nothing_is_dropped_unless_asked_for() => Assert.Equal(0, Packets.Open().Globals.DropPort);

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
        using var network = new PrivateNetworkPair();
        network.Near.Run(() =>
        {
            using Packets packets = Packets.Open().Load();
            packets.Programs.CountPackets.Attach(NetworkDevice.FromName("veth0"), XdpMode.Generic);

            // A packet from the other side to this side's address arrives on veth0.
            network.Far.Run(static () =>
            {
                using var socket = new UdpClient();
                for (int i = 0; i < 3; i++)
                {
                    socket.Send(new byte[100], "192.0.2.1", 9999);
                }
            });

            SpinWait.SpinUntil(() => packets.Maps.ByProtocol[(int)ProtocolType.Udp].Sum().Packets >= 3, TimeSpan.FromSeconds(5));
            Packets.Traffic seen = packets.Maps.ByProtocol[(int)ProtocolType.Udp].Sum();
            Assert.Equal((3ul, 3ul * (14 + 20 + 8 + 100)), (seen.Packets, seen.Bytes));
        });
    }
}
