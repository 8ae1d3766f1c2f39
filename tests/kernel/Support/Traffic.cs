using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Hypermesh.Bpf.Testing;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Traffic between network namespaces of a test, in known numbers.</summary>
internal static unsafe partial class Traffic
{
    private const ulong EthtoolRequest = 0x8946;

    internal static IPAddress NearAddress { get; } = IPAddress.Parse("192.0.2.1");

    internal static IPAddress FarAddress { get; } = IPAddress.Parse("192.0.2.2");

    /// <summary>Turns joining of packets on or off at a device of the calling thread's namespace: of those that it sends (TSO, GSO), and of those that it receives (GRO).</summary>
    internal static void Join(string device, bool sent, bool received)
    {
        uint* value = stackalloc uint[2];
        byte* request = stackalloc byte[40];
        foreach ((uint command, bool on) in new[] { (0x1fu, sent), (0x24u, sent), (0x2cu, received) })
        {
            (value[0], value[1]) = (command, on ? 1u : 0u);
            new Span<byte>(request, 40).Clear();
            Encoding.ASCII.GetBytes(device, new Span<byte>(request, 15));
            *(nint*)(request + 16) = (nint)value;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Assert.Equal(0, Control((int)socket.Handle, EthtoolRequest, request));
        }
    }

    /// <summary>Runs <c>ip</c> in the namespaces of the calling thread.</summary>
    internal static void Ip(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"ip {string.Join(' ', arguments)}: {errors}");
    }

    /// <summary>Sends datagrams that nobody answers, each received before the next is sent.</summary>
    internal static void Datagrams(PrivateNamespace from, PrivateNamespace to, IPAddress address, int count, int size)
    {
        using Socket receiver = to.Run(() => Bound(SocketType.Dgram, ProtocolType.Udp, address));
        using Socket sender = from.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        sender.Connect(receiver.LocalEndPoint!);
        var bytes = new byte[size];
        for (int i = 0; i < count; i++)
        {
            sender.Send(bytes);
            Assert.Equal(size, receiver.Receive(bytes));
        }
    }

    /// <summary>Opens a connection; the sockets are used on any thread.</summary>
    internal static (Socket Client, Socket Server) Connect(PrivateNamespace from, PrivateNamespace to, IPAddress address)
    {
        using Socket listener = to.Run(() => Bound(SocketType.Stream, ProtocolType.Tcp, address));
        listener.Listen(16);
        Socket client = from.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        client.Connect(listener.LocalEndPoint!);
        return (client, listener.Accept());
    }

    /// <summary>Sends a number of bytes over a connection and closes it.</summary>
    internal static void Transfer(PrivateNamespace from, PrivateNamespace to, IPAddress address, int bytes)
    {
        (Socket client, Socket server) = Connect(from, to, address);
        using (client)
        using (server)
        {
            var sending = Task.Run(() =>
            {
                Send(client, bytes);
                client.Shutdown(SocketShutdown.Send);
            });
            Assert.Equal(bytes, ReceiveAll(server));
            sending.Wait();
        }
    }

    internal static void Send(Socket socket, int bytes)
    {
        var chunk = new byte[64 * 1024];
        for (int sent = 0; sent < bytes;)
        {
            sent += socket.Send(chunk.AsSpan(0, Math.Min(chunk.Length, bytes - sent)));
        }
    }

    internal static int ReceiveAll(Socket socket)
    {
        var chunk = new byte[256 * 1024];
        int all = 0;
        for (int read = socket.Receive(chunk); read > 0; read = socket.Receive(chunk))
        {
            all += read;
        }

        return all;
    }

    internal static Socket Bound(SocketType type, ProtocolType protocol, IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, ulong request, byte* argument);
}
