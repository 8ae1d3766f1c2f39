using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Testing;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed class TcpMonitorTests : KernelTest
{
    private const int BytesEach = 10_000;
    private static readonly int s_connections = Rounds.Of(1000);
    private static readonly TcpMonitorOptions s_own = new() { OwnNamespaceOnly = true };

    [Fact]
    public void Connections_and_their_bytes_are_counted_exactly()
    {
        using var network = new PrivateNetwork();
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(s_own)));
        TcpReading reading = monitor.NewReading();
        for (int i = 0; i < s_connections; i++)
        {
            Traffic.Transfer(network, network, IPAddress.Loopback, BytesEach);
        }

        WaitUntilAllEnded(network);
        Read(network, monitor, reading);
        ulong each = (ulong)s_connections;
        Assert.Equal((each, each, 0UL, each * 2, 0UL), (reading.OpenedIn, reading.OpenedOut, reading.Failed, reading.Ended, reading.UnknownStart));
        Assert.Equal((each, each), (reading.Life(incoming: true, ipv6: false).Count, reading.Life(incoming: false, ipv6: false).Count));

        // The kernel counts sequence numbers: a FIN is a received byte, SYN and FIN are acknowledged ones.
        Assert.InRange(reading.BytesReceived, each * BytesEach, (each * BytesEach) + (each * 2));
        Assert.InRange(reading.BytesAcknowledged, each * BytesEach, (each * BytesEach) + (each * 4));
        Assert.True(reading.RoundTripIPv4.Count >= each * 2);
        Assert.Equal(0UL, reading.RoundTripIPv6.Count);
        Assert.Equal((each, each, each * 2), (reading.ChangesTo(TcpState.SynSent), reading.ChangesTo(TcpState.SynReceived), reading.ChangesTo(TcpState.Established)));
        AssertHolds(reading);
        Rounds.Figure("TCP connections", $"{reading.Ended} ends of {s_connections} connections, {reading.BytesReceived} bytes received");
    }

    [Fact]
    public void Connections_that_fail_are_counted_apart()
    {
        using var network = new PrivateNetwork();
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(s_own)));
        TcpReading reading = monitor.NewReading();
        using Socket held = network.Run(static () => Traffic.Bound(SocketType.Stream, ProtocolType.Tcp, IPAddress.Loopback));
        for (int i = 0; i < 10; i++)
        {
            using Socket client = network.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            Assert.Equal(SocketError.ConnectionRefused, Assert.ThrowsAny<SocketException>(() => client.Connect(held.LocalEndPoint!)).SocketErrorCode);
        }

        Read(network, monitor, reading);
        Assert.Equal((10UL, 10UL, 0UL, 0UL), (reading.OpenedOut, reading.Failed, reading.Ended, reading.OpenedIn));
        AssertHolds(reading);
    }

    [Fact]
    public void An_IPv4_connection_of_a_socket_for_both_is_IPv4_and_one_to_an_IPv6_address_is_not()
    {
        using var network = new PrivateNetwork();
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(s_own)));
        TcpReading reading = monitor.NewReading();
        network.Run(static () =>
        {
            using var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
            listener.Listen(2);
            int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
            foreach (IPAddress address in new[] { IPAddress.Loopback.MapToIPv6(), IPAddress.IPv6Loopback })
            {
                using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
                client.Connect(address, port);
                using Socket server = listener.Accept();
                client.Send([1]);
                server.Receive(new byte[1]);
                client.Shutdown(SocketShutdown.Send);
                server.Receive(new byte[1]);
            }
        });
        WaitUntilAllEnded(network);
        Read(network, monitor, reading);
        Assert.Equal((1UL, 1UL), (reading.Life(incoming: true, ipv6: false).Count, reading.Life(incoming: false, ipv6: false).Count));
        Assert.Equal((1UL, 1UL), (reading.Life(incoming: true, ipv6: true).Count, reading.Life(incoming: false, ipv6: true).Count));
        Assert.True(reading.RoundTripIPv4.Count > 0);
        Assert.True(reading.RoundTripIPv6.Count > 0);
    }

    [Fact]
    public void Sockets_are_counted_again_only_when_something_has_happened()
    {
        using var network = new PrivateNetwork();
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(s_own)));
        TcpReading reading = monitor.NewReading();
        using Socket listener = network.Run(static () => Traffic.Bound(SocketType.Stream, ProtocolType.Tcp, IPAddress.Loopback));
        using IDisposable statistics = BpfStatistics.Enable();
        listener.Listen();
        Read(network, monitor, reading);
        Assert.Equal(1UL, reading.SocketsIn(TcpState.Listen));

        // A connection of another namespace counts as something that happened, so several readings are tried.
        Assert.Contains(Enumerable.Range(0, 20), _ =>
        {
            ulong walks = Walks();
            Read(network, monitor, reading);
            Assert.Equal((true, 1UL), (reading.HasSockets, reading.SocketsIn(TcpState.Listen)));
            return Walks() == walks;
        });

        ulong before = Walks();
        listener.Close();
        Read(network, monitor, reading);
        Assert.Equal((before + 1, 0UL), (Walks(), reading.SocketsIn(TcpState.Listen)));

        ulong Walks() => monitor.Loaded.Programs.CountSockets.GetRunStatistics().RunCount;
    }

    [Fact]
    public void Sockets_by_state_are_those_of_the_namespace()
    {
        using var network = new PrivateNetwork();
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(s_own)));
        TcpReading reading = monitor.NewReading();
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < 5; i++)
            {
                (Socket client, Socket server) = Traffic.Connect(network, network, IPAddress.Loopback);
                sockets.AddRange([client, server]);
            }

            Socket listener = network.Run(static () => Traffic.Bound(SocketType.Stream, ProtocolType.Tcp, IPAddress.Loopback));
            sockets.Add(listener);
            listener.Listen();
            sockets[0].Shutdown(SocketShutdown.Send);
            Thread.Sleep(100);
            Read(network, monitor, reading);
            Assert.True(reading.HasSockets);
            Assert.Equal((8UL, 1UL, 1UL, 1UL), (reading.SocketsIn(TcpState.Established), reading.SocketsIn(TcpState.CloseWait), reading.SocketsIn(TcpState.FinWait2), reading.SocketsIn(TcpState.Listen)));
            AssertHolds(reading);

            monitor.Read(reading);
            Assert.False(reading.HasSockets);
            Assert.Contains("another network namespace", reading.Reason, StringComparison.Ordinal);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    [Fact]
    public void Segments_that_are_sent_again_are_those_the_kernel_counts()
    {
        using var pair = new PrivateNetworkPair();
        TcpMonitor near = Own(pair.Near.Run(static () => TcpMonitor.Start(s_own))), far = Own(pair.Far.Run(static () => TcpMonitor.Start(s_own)));
        (TcpReading nearReading, TcpReading farReading) = (near.NewReading(), far.NewReading());
        Read(pair.Near, near, nearReading);
        Read(pair.Far, far, farReading);
        LoseSegments(pair);
        Read(pair.Near, near, nearReading);
        Read(pair.Far, far, farReading);

        Rounds.Figure("segments sent again", $"data {nearReading.RetransmitsIn(TcpState.Established)}, SYN {nearReading.RetransmitsIn(TcpState.SynSent)}, SYN with ACK {farReading.RetransmitsIn(TcpState.SynReceived)}");
        Assert.True(nearReading.RetransmitsIn(TcpState.Established) > 0);
        Assert.True(nearReading.RetransmitsIn(TcpState.SynSent) > 0);
        Assert.True(farReading.RetransmitsIn(TcpState.SynReceived) > 0);
        foreach (TcpReading one in new[] { nearReading, farReading })
        {
            GroundTruth truth = one.GroundTruths.Single(static truth => truth.Figure == "hypermesh.tcp.retransmits");
            Assert.Equal((truth.Low, truth.High), (truth.Measured, truth.Measured));
            Assert.Equal(truth.Measured, one.Retransmits);
        }

        Assert.Equal(HookState.Fired, Hook(near, "tcp_retransmit_skb").State);
        Assert.Equal(HookState.Fired, Hook(far, "tcp_retransmit_synack").State);
    }

    [Fact]
    public async Task Each_connection_that_ends_is_an_event()
    {
        using var network = new PrivateNetwork();
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(s_own)));
        TcpReading reading = monitor.NewReading();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new List<TcpConnection>();
        await using (IAsyncEnumerator<TcpConnection> events = monitor.ReadAllAsync(stop.Token).GetAsyncEnumerator(stop.Token))
        {
            ValueTask<bool> next = events.MoveNextAsync();
            Traffic.Transfer(network, network, IPAddress.Loopback, BytesEach);
            Assert.True(await next);
            seen.Add(events.Current);
            Assert.True(await events.MoveNextAsync());
            seen.Add(events.Current);
        }

        network.Run(() => monitor.Read(reading));
        Assert.Equal((2UL, 2UL, 0UL), (reading.EventsProduced, reading.EventsDelivered, reading.Dropped));
        TcpConnection client = seen.Single(static one => one.Direction == TcpDirection.Out), server = seen.Single(static one => one.Direction == TcpDirection.In);
        Assert.Equal((client.Local, client.Remote), (server.Remote, server.Local));
        Assert.Equal(IPAddress.Loopback, client.Local.Address);
        Assert.Equal((Environment.ProcessId, Environment.ProcessId), (client.ProcessId, server.ProcessId));
        Assert.InRange((int)server.BytesReceived, BytesEach, BytesEach + 1);
        Assert.InRange((int)client.BytesReceived, 0, 1);
        Assert.InRange((int)client.BytesAcknowledged, BytesEach, BytesEach + 2);
        Assert.True(client.Life > TimeSpan.Zero && server.Life > TimeSpan.Zero);
        Assert.Equal(0U, client.Retransmits);

        // Nobody reads any more: nothing is written, and nothing is lost.
        Traffic.Transfer(network, network, IPAddress.Loopback, BytesEach);
        WaitUntilAllEnded(network);
        Read(network, monitor, reading);
        Assert.Equal((2UL, 0UL, 0UL), (reading.Ended, reading.EventsProduced, reading.Dropped));
    }

    [Fact]
    public async Task A_second_reader_is_refused_and_the_first_one_goes_on()
    {
        using var network = new PrivateNetwork();
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(s_own)));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using IAsyncEnumerator<TcpConnection> first = monitor.ReadAllAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        ValueTask<bool> next = first.MoveNextAsync();
        await using (IAsyncEnumerator<TcpConnection> second = monitor.ReadAllAsync(stop.Token).GetAsyncEnumerator(stop.Token))
        {
            await Assert.ThrowsAnyAsync<BpfException>(async () => await second.MoveNextAsync());
        }

        Traffic.Transfer(network, network, IPAddress.Loopback, BytesEach);
        Assert.True(await next);
    }

    [Fact]
    public async Task Loss_is_exact_when_nobody_takes_the_events()
    {
        using var network = new PrivateNetwork();
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(new TcpMonitorOptions { OwnNamespaceOnly = true, EventBufferSize = 4096 })));
        TcpReading reading = monitor.NewReading();
        using var stop = new CancellationTokenSource();
        ulong delivered = 0;
        IAsyncEnumerator<TcpConnection> events = monitor.ReadAllAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        ValueTask<bool> next = events.MoveNextAsync();
        for (int i = 0; i < s_connections; i++)
        {
            Traffic.Transfer(network, network, IPAddress.Loopback, 1);
        }

        WaitUntilAllEnded(network);
        Read(network, monitor, reading);
        (ulong produced, ulong dropped, ulong ended) = (reading.EventsProduced, reading.Dropped, reading.Ended);
        Assert.Equal((ulong)s_connections * 2, ended + reading.Missed);
        Assert.Equal(ended, produced);
        Assert.True(dropped > 0);

        // What is in the ring is still delivered.
        while (delivered < produced - dropped)
        {
            Assert.True(await next);
            delivered++;
            next = events.MoveNextAsync();
        }

        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        await events.DisposeAsync();
        Read(network, monitor, reading);
        Assert.Equal(0UL, reading.Dropped);
        Rounds.Figure("loss of TCP events", $"{produced} produced, {delivered} delivered, {dropped} dropped, {reading.Missed} missed");
        Assert.Equal(produced, delivered + dropped);
    }

    [Fact]
    public void The_hooks_that_a_connection_passes_have_fired_when_it_starts()
    {
        TcpMonitor monitor = Own(TcpMonitor.Start());
        Assert.Equal((HookState.Fired, HookState.Fired), (Hook(monitor, "inet_sock_set_state").State, Hook(monitor, "tcp_probe").State));
        Assert.All(monitor.Hooks, static hook => Assert.NotEqual(HookState.Absent, hook.State));
    }

    [Theory]
    [InlineData("inet_sock_set_state")]
    [InlineData("tcp_probe")]
    [InlineData("tcp_retransmit_skb")]
    [InlineData("tcp_retransmit_synack")]
    public void A_hook_that_is_detached_is_blind_within_two_readings_in_which_its_counter_moved(string name)
    {
        Emulation.OnlyInFull();
        using var pair = new PrivateNetworkPair();
        PrivateNamespace network = name == "tcp_retransmit_synack" ? pair.Far : pair.Near;
        TcpMonitor monitor = Own(network.Run(static () => TcpMonitor.Start(s_own)));
        ShowBlind(pair, network, monitor, name, () => Blinding.Detach(monitor.Loaded, monitor.Hooks.Single(one => one.Name == name).Source == HookSource.Tracepoint
            ? monitor.Loaded.Live.Programs.Single(program => program.IsLoaded && program.Name.StartsWith(name, StringComparison.Ordinal)).Name : name));
    }

    [Theory]
    [InlineData("inet_sock_set_state")]
    [InlineData("tcp_probe")]
    [InlineData("tcp_retransmit_skb")]
    [InlineData("tcp_retransmit_synack")]
    public void A_hook_whose_program_does_nothing_is_blind_although_it_runs(string name)
    {
        Emulation.OnlyInFull();
        using var pair = new PrivateNetworkPair();
        PrivateNamespace network = name == "tcp_retransmit_synack" ? pair.Far : pair.Near;
        TcpMonitor monitor = Own(network.Run(() => TcpMonitor.Start(new TcpMonitorOptions
        {
            OwnNamespaceOnly = true,
            Load = HollowKernel.Load(name, name + "_classic", name + "_classic_err"),
        })));
        ShowBlind(pair, network, monitor, name, static () => { });
    }

    [Fact]
    public void Reading_allocates_nothing_once_it_is_warm()
    {
        TcpMonitor monitor = Own(TcpMonitor.Start());
        TcpReading reading = monitor.NewReading();
        for (int i = 0; i < 50; i++)
        {
            monitor.Read(reading);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            monitor.Read(reading);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static MonitorHook Hook(TcpMonitor monitor, string name) => monitor.Hooks.Single(hook => hook.Name == name);

    // In the monitor's namespace, whose sockets are counted.
    private static void Read(PrivateNamespace network, TcpMonitor monitor, TcpReading reading) => network.Run(() => monitor.Read(reading));

    private static void AssertHolds(TcpReading reading)
        => Assert.All(reading.GroundTruths, truth => Assert.True(truth.Holds, $"{truth.Figure}: {truth.Measured}, {truth.Source} {truth.Low} to {truth.High}"));

    private static void ShowBlind(PrivateNetworkPair pair, PrivateNamespace network, TcpMonitor monitor, string name, Action blind)
    {
        TcpReading reading = monitor.NewReading();
        if (name == "tcp_retransmit_synack")
        {
            // Its counter is shared with the other hook, which must have shown that it fires.
            LoseSegments(pair, fromFar: true);
            Read(network, monitor, reading);
        }

        blind();
        Blinding.ShowBlind(Hook(monitor, name), () =>
        {
            if (name.StartsWith("tcp_retransmit", StringComparison.Ordinal))
            {
                LoseSegments(pair, fromFar: name == "tcp_retransmit_synack");
            }
            else
            {
                Traffic.Transfer(pair.Far, pair.Near, Traffic.NearAddress, 1_000_000);
            }

            Read(network, monitor, reading);
        });
    }

    /// <summary>Loses segments with data, and SYN and its answer, until each was sent again: one side then has a wrong address of the other's device.</summary>
    private static void LoseSegments(PrivateNetworkPair pair, bool fromFar = false)
    {
        PrivateNamespace sending = fromFar ? pair.Far : pair.Near;
        (Socket client, Socket server) = Traffic.Connect(pair.Near, pair.Far, Traffic.FarAddress);
        using (client)
        using (server)
        {
            Break(pair, far: fromFar);
            long sent = sending.Run(Retransmitted);
            (fromFar ? server : client).Send(new byte[1000]);
            WaitUntilMore(sending, sent);
            Mend(pair, far: fromFar);
        }

        // SYN arrives, its answer does not. Nobody waits for the connection, which comes with a later SYN.
        using Socket listener = pair.Far.Run(static () => Traffic.Bound(SocketType.Stream, ProtocolType.Tcp, Traffic.FarAddress));
        listener.Listen();
        Break(pair, far: true);
        (long near, long far) = (pair.Near.Run(Retransmitted), pair.Far.Run(Retransmitted));
        using Socket late = pair.Near.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
        Assert.Equal(SocketError.WouldBlock, Assert.Throws<SocketException>(() => late.Connect(listener.LocalEndPoint!)).SocketErrorCode);
        WaitUntilMore(pair.Near, near);
        WaitUntilMore(pair.Far, far);
        Mend(pair, far: true);
    }

    private static void WaitUntilMore(PrivateNamespace network, long before)
        => Assert.True(SpinWait.SpinUntil(() => network.Run(Retransmitted) > before, TimeSpan.FromSeconds(30)), "nothing was sent again");

    // The segments that the network of the calling thread has sent again, as the kernel counts them.
    private static long Retransmitted()
    {
        string[][] lines = [.. File.ReadLines("/proc/thread-self/net/snmp").Where(static line => line.StartsWith("Tcp:", StringComparison.Ordinal)).Select(static line => line.Split(' '))];
        return long.Parse(lines[1][Array.IndexOf(lines[0], "RetransSegs")], CultureInfo.InvariantCulture);
    }

    private static void Break(PrivateNetworkPair pair, bool far) => Neighbour(pair, far, "replace", "lladdr", "02:00:00:00:00:99", "nud", "permanent");

    private static void Mend(PrivateNetworkPair pair, bool far) => Neighbour(pair, far, "del");

    private static void Neighbour(PrivateNetworkPair pair, bool far, string command, params string[] more)
        => (far ? pair.Far : pair.Near).Run(() => Traffic.Ip(
            ["neighbour", command, far ? "192.0.2.1" : "192.0.2.2", .. more, "dev", far ? "veth1" : "veth0"]));

    // The end of a side comes with the last segment of the other.
    private static void WaitUntilAllEnded(PrivateNetwork network)
    {
        for (int i = 0; i < 100 && network.Run(static () => CurrentlyOpen()) > 0; i++)
        {
            Thread.Sleep(20);
        }

        Thread.Sleep(100);
    }

    private static ulong CurrentlyOpen()
    {
        string[][] lines = [.. File.ReadLines("/proc/thread-self/net/snmp").Where(static line => line.StartsWith("Tcp:", StringComparison.Ordinal)).Select(static line => line.Split(' '))];
        return ulong.Parse(lines[1][Array.IndexOf(lines[0], "CurrEstab")], System.Globalization.CultureInfo.InvariantCulture);
    }
}
