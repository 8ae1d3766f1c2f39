using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>Harmless events in a known number, for tests of hooks. All of them are caused by the calling process or by a child of it, and leave nothing behind.</summary>
public static class Stimulus
{
    private const int DatagramBytes = 64;

    /// <summary>Makes threads of this process wait for each other: each round is at least two voluntary context switches and two wake-ups.</summary>
    /// <param name="rounds">The number of rounds.</param>
    public static void ContextSwitches(int rounds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rounds);
        using var ping = new SemaphoreSlim(0);
        using var pong = new SemaphoreSlim(0);
        var other = new Thread(() => Play(rounds, ping, pong));
        other.Start();
        ping.Release();
        Play(rounds, pong, ping);
        other.Join();
    }

    /// <summary>Starts <c>/bin/true</c> and waits for its end: each time one process is created, one exec succeeds, and one process ends with code 0.</summary>
    /// <param name="processes">The number of processes, one after the other.</param>
    /// <exception cref="InvalidOperationException">The program is missing.</exception>
    public static void Processes(int processes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(processes);
        for (int i = 0; i < processes; i++)
        {
            Command.Run("/bin/true");
        }
    }

    /// <summary>Opens a file of its own for reading and closes it.</summary>
    /// <param name="opens">The number of calls of <c>openat</c> that succeed.</param>
    public static void FileOpens(int opens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(opens);
        string path = Path.GetTempFileName();
        try
        {
            for (int i = 0; i < opens; i++)
            {
                File.OpenHandle(path).Dispose();
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// Sends UDP datagrams over the loopback interface of the network namespace that the calling thread is in, each received before the next is sent: each is one packet sent and one received.
    /// </summary>
    /// <param name="datagrams">The number of datagrams.</param>
    public static void Datagrams(int datagrams)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(datagrams);
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint address = receiver.LocalEndPoint!;
        var bytes = new byte[DatagramBytes];
        for (int i = 0; i < datagrams; i++)
        {
            sender.SendTo(bytes, address);
            receiver.Receive(bytes);
        }
    }

    private static void Play(int rounds, SemaphoreSlim own, SemaphoreSlim other)
    {
        for (int i = 0; i < rounds; i++)
        {
            // Without spinning, so that each turn blocks.
            while (!own.Wait(0))
            {
                own.AvailableWaitHandle.WaitOne();
            }

            other.Release();
        }
    }
}
