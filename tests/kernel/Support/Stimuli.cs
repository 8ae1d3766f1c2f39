namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>What makes programs in the network run, a known number of times.</summary>
internal static class Stimuli
{
    /// <summary>Datagrams to a socket of one's own over the loopback, each received before the next is sent.</summary>
    internal static void Datagrams(int count)
    {
        using RawSocket receiver = new RawSocket(RawSocket.Internet, RawSocket.Datagram).BindLoopback();
        Datagrams(receiver, count);
    }

    internal static void Datagrams(RawSocket receiver, int count)
    {
        using var sender = new RawSocket(RawSocket.Internet, RawSocket.Datagram);
        byte[] address = receiver.Name();
        for (int i = 0; i < count; i++)
        {
            sender.Send(address);
            Assert.Equal(64, receiver.Receive());
        }
    }

    /// <summary>Two ends of a connection over the loopback.</summary>
    internal static (RawSocket Client, RawSocket Server) Connection()
    {
        using RawSocket listener = new RawSocket(RawSocket.Internet, RawSocket.Stream).BindLoopback().Listen();
        var client = new RawSocket(RawSocket.Internet, RawSocket.Stream);
        client.Connect(listener.Name());
        return (client, listener.Accept());
    }

    /// <summary>Waits for a count that another thread of the kernel brings up, for at most a minute.</summary>
    internal static void Reaches(Func<ulong> count, ulong expected)
    {
        for (int i = 0; i < 6000 && count() < expected; i++)
        {
            Thread.Sleep(10);
        }

        Assert.Equal(expected, count());
    }
}
