using System.ComponentModel;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Hypermesh.Bpf.Testing;
using Hypermesh.Bpf.Tests.Kernel.Privileges;

namespace Hypermesh.Bpf.Tests.Kernel.TestKit;

/// <summary>The test kit's namespaces have what they promise, are seen by nobody else, and leave nothing.</summary>
public sealed class PrivateNamespaceTests : KernelTest
{
    [Fact]
    public void A_network_has_a_pair_of_devices_the_machine_has_not()
    {
        int outside = NetworkDevice.FromName("lo").Index;
        using (var network = new PrivateNetwork())
        {
            (int first, int second) = network.Run(static () => (NetworkDevice.FromName("veth0").Index, NetworkDevice.FromName("veth1").Index));
            Assert.NotEqual(first, second);
            Assert.Equal(["lo", "veth0", "veth1"], network.Run(static () => File.ReadLines("/proc/thread-self/net/dev").Skip(2).Select(static line => line.Split(':')[0].Trim()).Order()));
            Assert.Throws<InvalidOperationException>(() => network.Run(static () => throw new InvalidOperationException("thrown within")));
        }

        Assert.Equal(outside, NetworkDevice.FromName("lo").Index);
    }

    [Fact]
    public void A_packet_of_the_kit_is_one_the_kernel_takes()
    {
        using var network = new PrivateNetwork();
        network.Run(SendAndReceive);
    }

    [Fact]
    public void Pins_are_seen_within_and_nowhere_else()
    {
        using var pins = new PrivateBpfFileSystem();
        using BpfMapDescriptor map = Create(BpfMapType.Array, 4, 8, 1);
        string path = Path.Combine(pins.Path, "pinned");

        pins.Run(() => map.Pin(path));

        Assert.True(pins.Run(() => File.Exists(path)));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_refused_namespace_says_what_it_takes() => LimitedThread.Run(Capabilities.Bpf, asNobody: false, static () =>
        Assert.Contains("CAP_SYS_ADMIN", Assert.Throws<Win32Exception>(static () => new PrivateNetwork()).Message, StringComparison.Ordinal));

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
