using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A test of a program from instructions that counts packets, with what sends them.</summary>
public abstract class PacketTest : KernelTest
{
    private protected const int Packets = 50;

    private readonly BpfMapHandle _map;

    protected PacketTest()
    {
        _map = Create(BpfMapType.Array, 4, 8, 1);
        Counter = new BpfArrayMap<ulong>(_map);
    }

    private protected BpfArrayMap<ulong> Counter { get; }

    private protected static void SendToSelf()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Send(socket);
    }

    private protected static void Send(Socket receiver)
    {
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] packet = new byte[64];
        for (int i = 0; i < Packets; i++)
        {
            sender.SendTo(packet, receiver.LocalEndPoint!);
            Assert.Equal(packet.Length, receiver.Receive(packet));
        }
    }

    private protected BpfInstruction[] Returning(int verdict)
    {
        BpfInstruction[] code = Code.CountInto(_map);
        code[^2] = Code.Move(0, verdict);
        return code;
    }
}
