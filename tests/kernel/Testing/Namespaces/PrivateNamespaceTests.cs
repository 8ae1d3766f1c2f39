using System.ComponentModel;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Hypermesh.Bpf.Testing;

namespace Hypermesh.Bpf.Tests.Kernel.Testing.Namespaces;

/// <summary>The test kit's namespaces have what they promise, are seen by nobody else, and leave nothing.</summary>
public sealed class PrivateNamespaceTests : KernelTest
{
    [Fact]
    public void A_network_has_a_pair_of_devices_that_the_machine_does_not_have()
    {
        int outside = NetworkDevice.FromName("lo").Index;
        using (var network = new PrivateNetwork())
        {
            (int first, int second) = network.Run(static () => (NetworkDevice.FromName("veth0").Index, NetworkDevice.FromName("veth1").Index));
            Assert.NotEqual(first, second);
            Assert.Equal(["lo", "veth0", "veth1"], network.Run(Devices));
            Assert.Throws<InvalidOperationException>(() => network.Run(static () => Throw("thrown within")));
        }

        Assert.Equal(outside, NetworkDevice.FromName("lo").Index);
    }

    /// <summary>An asynchronous lambda does not compile (the mistakes of tests/build); what the compiler cannot see is refused before it runs.</summary>
    [Fact]
    public void An_asynchronous_function_is_rejected_and_does_not_run()
    {
        using var network = new PrivateNetwork();
        bool ran = false;
        Action nobodyWaits = async () =>
        {
            ran = true;
            await Task.Yield();
        };
        Func<object> hidden = Started;

        foreach (Action run in new Action[] { () => network.Run(nobodyWaits), () => _ = network.Run(() => new ValueTask(Started())), () => _ = network.Run(Counted), () => _ = network.Run(hidden) })
        {
            Assert.StartsWith("Run is synchronous: after an await the code would run outside the namespace", Assert.Throws<ArgumentException>(run).Message, StringComparison.Ordinal);
        }

        Assert.False(ran);

        Task Started()
        {
            ran = true;
            return Task.CompletedTask;
        }

        ValueTask<int> Counted()
        {
            ran = true;
            return ValueTask.FromResult(1);
        }
    }

    [Fact]
    public void The_kernel_accepts_a_packet_of_the_kit()
    {
        using var network = new PrivateNetwork();
        network.Run(SendAndReceive);
    }

    [Fact]
    public void Packets_of_one_side_of_a_pair_cross_both_devices()
    {
        using var network = new PrivateNetworkPair();
        Assert.Equal(["lo", "veth0"], network.Near.Run(Devices));
        Assert.Equal(["lo", "veth1"], network.Far.Run(Devices));

        (long Received, long Sent) before = (network.Near.Run(static () => Statistics("veth0").BytesReceived), network.Far.Run(static () => Statistics("veth1").BytesSent));
        string received = network.Near.Run(() =>
        {
            using var receiver = new UdpClient(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9999));
            receiver.Client.ReceiveTimeout = 10_000;
            network.Far.Run(static () =>
            {
                using var sender = new UdpClient();
                sender.Send(new byte[1000], "192.0.2.1", 9999);
            });
            IPEndPoint? from = null;
            return $"{receiver.Receive(ref from).Length} from {from!.Address}";
        });

        Assert.Equal("1000 from 192.0.2.2", received);
        Assert.True(network.Near.Run(static () => Statistics("veth0").BytesReceived) - before.Received >= 1000);
        Assert.True(network.Far.Run(static () => Statistics("veth1").BytesSent) - before.Sent >= 1000);

        network.Far.Dispose();
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => network.Near.Run(static () => { }));
    }

    [Fact]
    public void Pins_are_seen_within_and_nowhere_else()
    {
        using var pins = new PrivateBpfFileSystem();
        using BpfMapHandle map = Create(BpfMapType.Array, 4, 8, 1);
        string path = Path.Combine(pins.Path, "pinned");

        pins.Run(() => map.Pin(path));

        Assert.True(pins.Run(() => File.Exists(path)));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void The_tracing_file_system_is_in_its_place_within()
    {
        string outside = File.ReadAllText("/proc/thread-self/mounts");
        using var tracing = new PrivateTracingFileSystem();

        Assert.True(tracing.Run(static () => Directory.Exists("/sys/kernel/tracing/events/sched/sched_switch")));
        Assert.Equal(outside, File.ReadAllText("/proc/thread-self/mounts"));
    }

    [Fact]
    public void Control_groups_are_mounted_within_and_nowhere_else()
    {
        string path;
        using (var groups = new PrivateControlGroups())
        {
            path = groups.Path;
            string own = Path.Combine(path, $"hypermesh-test-{Environment.ProcessId}-kit");
            groups.Run(() =>
            {
                Directory.CreateDirectory(own);
                using (ControlGroup group = ControlGroup.Open(own))
                {
                    Assert.Empty(group.Query(BpfAttachType.CGroupInetEgress).Programs);
                }

                Directory.Delete(own);
            });
            Assert.Empty(Directory.GetFileSystemEntries(path));
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void A_refused_namespace_names_the_capability_it_requires() => LimitedThread.Run(Capabilities.Bpf, asNobody: false, static () =>
        Assert.Contains("CAP_SYS_ADMIN", Assert.Throws<Win32Exception>(static () => new PrivateNetwork()).Message, StringComparison.Ordinal));

    private static void Throw(string message) => throw new InvalidOperationException(message);

    private static string[] Devices() => [.. File.ReadLines("/proc/thread-self/net/dev").Skip(2).Select(static line => line.Split(':')[0].Trim()).Order()];

    // The columns after the name: bytes received are the first, bytes sent the ninth.
    private static (long BytesReceived, long BytesSent) Statistics(string device)
    {
        string line = File.ReadLines("/proc/thread-self/net/dev").Single(line => line.TrimStart().StartsWith(device + ":", StringComparison.Ordinal));
        string[] columns = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(columns[0], System.Globalization.CultureInfo.InvariantCulture), long.Parse(columns[8], System.Globalization.CultureInfo.InvariantCulture));
    }

    // Sent out of one end of the pair; the other end's kernel side checks lengths and both checksums before a socket gets it.
    private static void SendAndReceive()
    {
        byte[] payload = [1, 2, 3, 4, 5];
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        receiver.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 9999));
        byte[] packet = TestPacket.Udp(1234, 9999, payload, source: IPAddress.Parse("192.0.2.9"));
        NetworkInterface.GetAllNetworkInterfaces().Single(static device => device.Name == "veth1").GetPhysicalAddress().GetAddressBytes().CopyTo(packet, 0);
        RawSocket.SendFrames(NetworkDevice.FromName("veth0"), packet, 1);

        byte[] received = new byte[64];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        int length = receiver.ReceiveFrom(received, ref from);

        Assert.Equal(payload, received[..length]);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 1234), from);
    }
}
