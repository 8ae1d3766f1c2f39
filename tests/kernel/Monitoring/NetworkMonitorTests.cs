using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Testing;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed class NetworkMonitorTests : KernelTest
{
    private static readonly int s_datagrams = Rounds.Of(10_000);
    private static readonly int s_bytes = Rounds.Of(100_000_000);

    [Fact]
    public void Packets_and_bytes_are_the_interfaces_counters_where_nothing_joins_packets()
    {
        using PrivateNetworkPair pair = QuietPair();
        pair.Near.Run(static () => Traffic.Join("veth0", sent: false, received: false));
        pair.Far.Run(static () => Traffic.Join("veth1", sent: false, received: false));
        NetworkMonitor near = Own(pair.Near.Run(static () => NetworkMonitor.Start())), far = Own(pair.Far.Run(static () => NetworkMonitor.Start()));
        Traffic.Datagrams(pair.Near, pair.Far, Traffic.FarAddress, s_datagrams, 100);
        Traffic.Transfer(pair.Near, pair.Far, Traffic.FarAddress, s_bytes);

        Sums sent = Settle(near, "veth0"), received = Settle(far, "veth1");
        Rounds.Figure("packets of a veth", $"{sent.Transmitted} sent, {received.Received} received, segments {sent.TransmittedSegments + received.ReceivedSegments}");
        foreach (Sums one in new[] { sent, received })
        {
            Assert.Equal((one.KernelReceived, one.KernelReceivedBytes), (one.Received, one.ReceivedBytes));
            Assert.Equal((one.KernelTransmitted, one.KernelTransmittedBytes), (one.Transmitted, one.TransmittedBytes));
            Assert.Equal((0UL, 0UL), (one.ReceivedSegments, one.TransmittedSegments));
            Assert.True(one.Holds, one.Reason);
        }

        // Each datagram has 100 bytes and the headers of UDP, IPv4 and Ethernet.
        Assert.Equal(((ulong)s_datagrams, (ulong)s_datagrams * (100 + 8 + 20 + 14)), (sent.TransmittedUdp, sent.TransmittedUdpBytes));
        Assert.Equal(((ulong)s_datagrams, (ulong)s_datagrams * (100 + 8 + 20 + 14)), (received.ReceivedUdp, received.ReceivedUdpBytes));
        Assert.True(received.ReceivedTcpBytes > (ulong)s_bytes);
        Assert.Equal((sent.Transmitted, sent.TransmittedBytes), (received.Received, received.ReceivedBytes));
    }

    [Fact]
    public void With_GSO_the_further_segments_are_those_that_TCP_counts()
    {
        using PrivateNetworkPair pair = QuietPair();
        pair.Near.Run(static () => Traffic.Join("veth0", sent: true, received: false));
        NetworkMonitor near = Own(pair.Near.Run(static () => NetworkMonitor.Start()));
        ulong before = OutSegments(pair.Near);
        Traffic.Transfer(pair.Near, pair.Far, Traffic.FarAddress, s_bytes);
        Sums sent = Settle(near, "veth0");
        ulong segments = OutSegments(pair.Near) - before;

        Rounds.Figure("packets of a veth with GSO", $"{sent.Transmitted} sent, {sent.TransmittedSegments} further segments, TCP counted {segments}");
        Assert.Equal((sent.KernelTransmitted, sent.KernelTransmittedBytes), (sent.Transmitted, sent.TransmittedBytes));
        Assert.True(sent.TransmittedSegments > 0);
        Assert.Equal(segments, sent.TransmittedTcp + sent.TransmittedSegments);

        // The headers of a further segment: Ethernet, IPv4, TCP with time stamps.
        Assert.Equal(sent.TransmittedSegments * (14 + 20 + 32), sent.TransmittedSegmentBytes);
        Assert.True(sent.Holds, sent.Reason);
    }

    [Fact]
    public void With_GRO_the_difference_to_the_interfaces_counter_is_the_further_segments()
    {
        Assert.SkipWhen(Environment.OSVersion.Version < new Version(5, 13), "this kernel has no GRO for a veth without XDP (5.13)");
        using PrivateNetworkPair pair = QuietPair();
        pair.Near.Run(static () => Traffic.Join("veth0", sent: false, received: false));
        pair.Far.Run(static () => Traffic.Join("veth1", sent: true, received: true));
        NetworkMonitor far = Own(pair.Far.Run(static () => NetworkMonitor.Start()));
        Traffic.Transfer(pair.Near, pair.Far, Traffic.FarAddress, s_bytes);

        Sums received = Settle(far, "veth1");
        Rounds.Figure("packets of a veth with GRO", $"{received.Received} received, {received.ReceivedSegments} further segments, the interface counted {received.KernelReceived}");
        Assert.True(received.ReceivedSegments > 0);
        Assert.Equal(received.KernelReceived, received.Received + received.ReceivedSegments);
        Assert.True(received.Holds, received.Reason);
    }

    [Fact]
    public void Packets_of_other_namespaces_are_counted_apart()
    {
        using var pair = new PrivateNetworkPair();
        NetworkMonitor near = Own(pair.Near.Run(static () => NetworkMonitor.Start()));
        NetworkReading reading = near.NewReading();
        near.Read(reading);
        pair.Far.Run(static () => Stimulus.Datagrams(s_datagrams));
        near.Read(reading);
        Assert.True(reading.ReceivedElsewhere >= (ulong)s_datagrams);
        Assert.True(reading.Total.Received.PacketsOf(NetworkType.IPv4, NetworkTransport.Udp) < (ulong)s_datagrams);
    }

    [Fact]
    public void Drops_have_the_kernels_reason()
    {
        using var network = new PrivateNetwork();
        NetworkMonitor monitor = Own(network.Run(static () => NetworkMonitor.Start()));
        NetworkReading reading = monitor.NewReading();
        monitor.Read(reading);
        network.Run(() => SendToNobody(s_datagrams));
        monitor.Read(reading);
        string expected = KernelNames.HasConstant("skb_drop_reason", "SKB_DROP_REASON_NO_SOCKET") ? "no_socket" : "not_specified";
        NetworkDrop drop = reading.Drops.Single(one => one.Reason == expected);
        Assert.InRange(drop.Packets, (ulong)s_datagrams, (ulong)s_datagrams * 2);
        Assert.Equal(reading.DroppedPackets, reading.Drops.Aggregate(0UL, static (sum, one) => sum + one.Packets));
    }

    [Fact]
    public void The_hooks_have_fired_when_it_starts()
    {
        NetworkMonitor monitor = Own(NetworkMonitor.Start());
        Assert.All(monitor.Hooks, static hook => Assert.True(hook.State == HookState.Fired, $"{hook.Name} is {hook.State} ({hook.Reason})"));
    }

    [Theory]
    [InlineData("netif_receive_skb")]
    [InlineData("net_dev_start_xmit")]
    [InlineData("net_dev_xmit")]
    [InlineData("kfree_skb")]
    public void A_hook_that_is_detached_is_blind_within_two_readings_in_which_its_counter_moved(string name)
    {
        Emulation.OnlyInFull();
        using var network = new PrivateNetwork();
        NetworkMonitor monitor = Own(network.Run(static () => NetworkMonitor.Start()));
        Blinding.Detach(monitor.Loaded, Program(monitor, name));
        ShowBlind(network, monitor, name);
    }

    [Theory]
    [InlineData("netif_receive_skb")]
    [InlineData("net_dev_start_xmit")]
    [InlineData("net_dev_xmit")]
    [InlineData("kfree_skb")]
    public void A_hook_whose_program_does_nothing_is_blind_although_it_runs(string name)
    {
        Emulation.OnlyInFull();
        using var network = new PrivateNetwork();
        NetworkMonitor monitor = Own(network.Run(() => NetworkMonitor.Start(new NetworkMonitorOptions { Load = HollowKernel.Load(name, name + "_classic") })));
        ShowBlind(network, monitor, name);
    }

    [Fact]
    public void Interfaces_appear_and_vanish()
    {
        using var network = new PrivateNetwork();
        NetworkMonitor monitor = Own(network.Run(static () => NetworkMonitor.Start()));
        NetworkReading reading = monitor.NewReading();
        for (int i = 0; i < 3; i++)
        {
            network.Run(static () =>
            {
                Traffic.Ip("link", "add", "late0", "type", "veth", "peer", "name", "late1");
                Traffic.Ip("address", "add", "198.51.100.1/24", "dev", "late0");
                Traffic.Ip("link", "set", "late0", "up");
                Traffic.Ip("link", "set", "late1", "up");
            });

            // The kernel drops what is sent before it has noticed that the link is up.
            ulong sent = 0, received = 0;
            for (int attempt = 0; attempt < 100 && (sent < 100 || received < 100); attempt++)
            {
                network.Run(static () => Multicast(IPAddress.Parse("198.51.100.1"), 100));
                Thread.Sleep(20);
                monitor.Read(reading);
                sent += reading.Find("late0")!.Transmitted.PacketsOf(NetworkType.IPv4, NetworkTransport.Udp);
                received += reading.Find("late1")!.Received.PacketsOf(NetworkType.IPv4, NetworkTransport.Udp);
            }

            Assert.True(sent >= 100 && received >= 100, $"{sent} sent, {received} received");
            var index = (uint)reading.Find("late0")!.Index;
            network.Run(static () => Traffic.Ip("link", "del", "late0"));
            monitor.Read(reading);
            monitor.Read(reading);
            Assert.Null(reading.Find("late0"));
            Assert.DoesNotContain(monitor.Loaded.Maps.Interfaces, pair => pair.Key == index);
        }
    }

    [Fact]
    public void XDP_and_TC_count_what_the_interface_counts()
    {
        bool tcx = KernelFacts.Has(BpfFeature.TcxLink);
        using var pair = new PrivateNetworkPair();
        pair.Near.Run(static () => Traffic.Join("veth0", sent: false, received: false));
        NetworkMonitor far = Own(pair.Far.Run(static () => NetworkMonitor.Start(new NetworkMonitorOptions { UseXdp = true, Interfaces = ["veth1"] })));
        NetworkReading reading = far.NewReading();
        far.Read(reading);
        Traffic.Datagrams(pair.Near, pair.Far, Traffic.FarAddress, s_datagrams, 100);
        Traffic.Datagrams(pair.Far, pair.Near, Traffic.NearAddress, s_datagrams, 100);
        far.Read(reading);
        NetworkInterfaceFigures figures = reading.Find("veth1")!;
        Assert.Equal((HookSource.Xdp, tcx ? HookSource.Tcx : HookSource.TpBtf, false), (figures.Received.Source, figures.Transmitted.Source, figures.ReceivedAfterGro));
        Assert.Equal((ulong)s_datagrams, figures.Received.PacketsOf(NetworkType.IPv4, NetworkTransport.Udp));
        Assert.Equal((ulong)s_datagrams, figures.Transmitted.PacketsOf(NetworkType.IPv4, NetworkTransport.Udp));
        Assert.Equal((ulong)s_datagrams * 142, figures.Received.BytesOf(NetworkType.IPv4, NetworkTransport.Udp));
        Assert.All(far.Hooks.Where(hook => tcx || hook.Name != "tcx egress veth1"), static hook => Assert.True(hook.State == HookState.Fired, $"{hook.Name} is {hook.State} ({hook.Reason})"));
        Assert.Equal(tcx ? HookState.Fired : HookState.Absent, Hook(far, "tcx egress veth1").State);
        GroundTruth truth = reading.GroundTruths.Single(static one => one.Figure == "system.network.packet.count/xdp");
        Assert.True(truth.Holds, $"{truth.Measured}, {truth.Low} to {truth.High}");
    }

    [Fact]
    public void XDP_and_TC_that_are_taken_are_left_alone_and_their_owner_is_named()
    {
        bool tcx = KernelFacts.Has(BpfFeature.TcxLink);
        using var pair = new PrivateNetworkPair();
        var options = new NetworkMonitorOptions { UseXdp = true, Interfaces = ["veth1", "none0"] };
        NetworkMonitor first = Own(pair.Far.Run(() => NetworkMonitor.Start(options))), second = Own(pair.Far.Run(() => NetworkMonitor.Start(options)));
        Assert.Contains("network_xdp", Hook(second, "xdp veth1").Reason, StringComparison.Ordinal);
        Assert.Contains(tcx ? "network_egress" : "TCX", Hook(second, "tcx egress veth1").Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((HookState.Absent, HookState.Absent), (Hook(second, "xdp veth1").State, Hook(second, "tcx egress veth1").State));
        Assert.Contains("none0", Hook(first, "xdp none0").Reason, StringComparison.Ordinal);
        NetworkReading reading = second.NewReading();
        second.Read(reading);
        Assert.Equal(MonitorCondition.Degraded, reading.Condition);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reading_allocates_nothing_once_it_is_warm(bool xdp)
    {
        using var network = new PrivateNetwork();
        NetworkMonitor monitor = Own(network.Run(() => NetworkMonitor.Start(new NetworkMonitorOptions { UseXdp = xdp, Interfaces = ["veth0"] })));
        NetworkReading reading = monitor.NewReading();
        for (int i = 0; i < 50; i++)
        {
            monitor.Read(reading);
        }

        network.Run(() => SendToNobody(10));
        monitor.Read(reading);

        // A packet of a kind that was not seen before, such as one that looks for a neighbour, makes its row: once.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                monitor.Read(reading);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    // A new interface looks for IPv6 neighbours for some seconds: a packet that is under way while a monitor starts is counted by only one of the two.
    private static PrivateNetworkPair QuietPair()
    {
        var pair = new PrivateNetworkPair();
        foreach (PrivateNamespace side in new[] { pair.Near, pair.Far })
        {
            side.Run(static () => File.WriteAllText("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"));
        }

        Thread.Sleep(100);
        return pair;
    }

    private static MonitorHook Hook(NetworkMonitor monitor, string name) => monitor.Hooks.Single(hook => hook.Name == name);

    private static string Program(NetworkMonitor monitor, string hook)
        => monitor.Hooks.Single(one => one.Name == hook).Source == HookSource.Tracepoint ? hook + "_classic" : hook;

    private static void ShowBlind(PrivateNetwork network, NetworkMonitor monitor, string name)
    {
        NetworkReading reading = monitor.NewReading();
        Blinding.ShowBlind(Hook(monitor, name), () =>
        {
            network.Run(() => SendToNobody(10));
            monitor.Read(reading);
        });
        Assert.Contains($"hook {name} is blind", reading.Reason, StringComparison.Ordinal);
    }

    // To a port that is held by a socket which listens to another address only.
    private static void SendToNobody(int count)
    {
        using Socket receiver = Traffic.Bound(SocketType.Dgram, ProtocolType.Udp, IPAddress.Loopback);
        using Socket other = Traffic.Bound(SocketType.Dgram, ProtocolType.Udp, IPAddress.Loopback);
        using Socket sender = Traffic.Bound(SocketType.Dgram, ProtocolType.Udp, IPAddress.Loopback);
        receiver.Connect(other.LocalEndPoint!);
        for (int i = 0; i < count; i++)
        {
            sender.SendTo([0], receiver.LocalEndPoint!);
        }
    }

    private static void Multicast(IPAddress from, int count)
    {
        using Socket sender = Traffic.Bound(SocketType.Dgram, ProtocolType.Udp, from);
        sender.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, from.GetAddressBytes());
        for (int i = 0; i < count; i++)
        {
            sender.SendTo([0], new IPEndPoint(IPAddress.Parse("224.0.0.200"), 9));
        }
    }

    // OutSegs does not have those that are sent again.
    private static ulong OutSegments(PrivateNamespace network) => network.Run(static () =>
    {
        string[][] lines = [.. File.ReadLines("/proc/thread-self/net/snmp").Where(static line => line.StartsWith("Tcp:", StringComparison.Ordinal)).Select(static line => line.Split(' '))];
        return Counter("OutSegs") + Counter("RetransSegs");

        ulong Counter(string name) => ulong.Parse(lines[1][Array.IndexOf(lines[0], name)], System.Globalization.CultureInfo.InvariantCulture);
    });

    /// <summary>Adds up readings until nothing happens any more: background packets of a new interface come for some seconds.</summary>
    private static Sums Settle(NetworkMonitor monitor, string name)
    {
        var sums = new Sums();
        NetworkReading reading = monitor.NewReading();
        for (int i = 0, quiet = 0; i < 100 && quiet < 3; i++)
        {
            monitor.Read(reading);
            NetworkInterfaceFigures figures = reading.Find(name)!;
            sums.Add(figures, reading);
            quiet = figures.Received.KernelPackets + figures.Transmitted.KernelPackets + figures.Received.Packets + figures.Transmitted.Packets == 0 ? quiet + 1 : 0;
            Thread.Sleep(50);
        }

        return sums;
    }

    private sealed class Sums
    {
        internal ulong Received;
        internal ulong ReceivedBytes;
        internal ulong ReceivedSegments;
        internal ulong ReceivedUdp;
        internal ulong ReceivedUdpBytes;
        internal ulong ReceivedTcpBytes;
        internal ulong KernelReceived;
        internal ulong KernelReceivedBytes;
        internal ulong Transmitted;
        internal ulong TransmittedBytes;
        internal ulong TransmittedSegments;
        internal ulong TransmittedSegmentBytes;
        internal ulong TransmittedTcp;
        internal ulong TransmittedUdp;
        internal ulong TransmittedUdpBytes;
        internal ulong KernelTransmitted;
        internal ulong KernelTransmittedBytes;
        internal bool Holds = true;
        internal string? Reason;

        internal void Add(NetworkInterfaceFigures one, NetworkReading reading)
        {
            Received += one.Received.Packets;
            ReceivedBytes += one.Received.Bytes;
            ReceivedSegments += one.Received.Segments;
            ReceivedUdp += one.Received.PacketsOf(NetworkType.IPv4, NetworkTransport.Udp);
            ReceivedUdpBytes += one.Received.BytesOf(NetworkType.IPv4, NetworkTransport.Udp);
            ReceivedTcpBytes += one.Received.BytesOf(NetworkType.IPv4, NetworkTransport.Tcp);
            KernelReceived += one.Received.KernelPackets!.Value;
            KernelReceivedBytes += one.Received.KernelBytes!.Value;
            Transmitted += one.Transmitted.Packets;
            TransmittedBytes += one.Transmitted.Bytes;
            TransmittedSegments += one.Transmitted.Segments;
            TransmittedSegmentBytes += one.Transmitted.SegmentBytes;
            TransmittedTcp += one.Transmitted.PacketsOf(NetworkType.IPv4, NetworkTransport.Tcp);
            TransmittedUdp += one.Transmitted.PacketsOf(NetworkType.IPv4, NetworkTransport.Udp);
            TransmittedUdpBytes += one.Transmitted.BytesOf(NetworkType.IPv4, NetworkTransport.Udp);
            KernelTransmitted += one.Transmitted.KernelPackets!.Value;
            KernelTransmittedBytes += one.Transmitted.KernelBytes!.Value;
            if (reading.GroundTruths.Any(static truth => !truth.Holds))
            {
                Holds = false;
                Reason ??= reading.Reason;
            }
        }
    }
}
