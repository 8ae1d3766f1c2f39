using System.Net;
using System.Net.Sockets;

namespace Hypermesh.Bpf.Monitoring.Network;

/// <summary>A harmless packet of our own that passes all hooks: a datagram on the loopback interface, to a port that we hold, from an address that it does not listen to, so that the kernel drops it.</summary>
internal static class OwnDatagram
{
    internal static void Send()
    {
        try
        {
            using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            receiver.Connect(other.LocalEndPoint!);
            sender.SendTo([0], receiver.LocalEndPoint!);
        }
        catch (SocketException)
        {
            // The loopback interface may be down: the hooks stay unproven until there is traffic.
        }
    }
}
