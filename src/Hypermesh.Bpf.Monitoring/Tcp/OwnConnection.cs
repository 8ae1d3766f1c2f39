using System.Net;
using System.Net.Sockets;

namespace Hypermesh.Bpf.Monitoring.Tcp;

/// <summary>A harmless connection of our own to ourselves, on the loopback interface: it passes the hooks of states and of segments that arrive.</summary>
internal static class OwnConnection
{
    internal static void Make()
    {
        try
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            client.Connect(listener.LocalEndPoint!);
            using Socket server = listener.Accept();
            client.Send([0]);
            server.Receive(new byte[1]);

            // Closed by a reset, so that it does not wait for late segments for a minute.
            client.LingerState = new LingerOption(true, 0);
            client.Close();
        }
        catch (SocketException)
        {
            // The loopback interface may be down: the hooks stay unproven until there is traffic.
        }
    }
}
