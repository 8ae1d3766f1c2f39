using Hypermesh.Bpf.Network.Netlink;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.TrafficControl;

/// <summary>Programs on a pair of netkit devices in a namespace of the test's own.</summary>
public sealed class NetkitHookTests : KernelTest
{
    private const int Packets = 20;
    private const ushort LinkName = 3;
    private const ushort LinkDetails = 18;
    private const ushort LinkKind = 1;
    private const ushort LinkData = 2;
    private const ushort PeerDetails = 1;

    [Fact]
    [Row("sections", "netkit/primary")]
    [Row("links", "netkit with anchors")]
    [Row("links", "link info: netkit")]
    public void Primary_programs_run() => Counts("nk0", static spec => spec.Programs.NetkitPrimary, static (programs, device) => programs.NetkitPrimary.Attach(device, BpfAnchor.First));

    [Fact]
    [Row("sections", "netkit/peer")]
    [Row("links", "netkit with anchors")]
    [Row("links", "link info: netkit")]
    public void Peer_programs_run() => Counts("nk1", static spec => spec.Programs.NetkitPeer, static (programs, device) => programs.NetkitPeer.Attach(device));

    // What the device sends, the primary's program sees; what its peer sends, the peer's, attached at the primary too.
    private void Counts(string sender, Func<NetworkHooks.Spec, BpfProgramSpec> choose, Func<NetworkHooks.ProgramSet, NetworkDevice, BpfProgramLink> attach)
        => Sandbox.WithNetwork(() =>
        {
            Needs(BpfFeature.NetkitLink);
            MakePair();
            NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), choose));
            NetworkDevice primary = NetworkDevice.FromName("nk0");
            BpfProgramLink link = attach(hooks.Programs, primary);
            RawSocket.SendFrames(NetworkDevice.FromName(sender), Packets, withHeader: false);
            Stimuli.Reaches(() => hooks.Globals.Hits, Packets);
            var info = Assert.IsType<BpfNetworkDeviceLinkInfo>(link.GetInfo());
            Assert.Equal(NetworkDevice.FromName(sender).Index, info.InterfaceIndex);
            Assert.Equal(link.Id!.Value, Assert.Single(primary.QueryNetkit(peer: sender == "nk1").Programs).LinkId);
            link.Dispose();
            Assert.Empty(primary.QueryNetkit(peer: sender == "nk1").Programs);
        });

    // The ip of Debian 12 knows no netkit.
    private static void MakePair()
    {
        using NetlinkSocket socket = NetlinkSocket.TryOpen(Kernel, out _)!;
        NetlinkResult made = socket.Ask(new NetlinkMessage(NetlinkType.NewLink, NetlinkFlags.Create | NetlinkFlags.Exclusive, RouteMessages.Link(0))
            .Add(LinkName, "nk0")
            .Nest(LinkDetails, static details => details
                .Add(LinkKind, "netkit")
                .Nest(LinkData, static data => data
                    .Nest(PeerDetails, static peer => peer.Write(RouteMessages.Link(0)).Add(LinkName, "nk1")))));
        Assert.True(made.Result == 0, $"{made}");
        Sandbox.Shell("ip link set nk0 up && ip link set nk1 up");
    }
}
