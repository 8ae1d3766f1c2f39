using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Xdp;

/// <summary>XDP by link and by netlink in its modes, and where maps send packets, on devices in a namespace of the test's own.</summary>
public sealed class XdpHookTests : KernelTest
{
    private const int Packets = 20;
    private const uint QueueSize = 192;

    [Fact]
    [Row("sections", "xdp")]
    [Row("links", "XDP by link")]
    public void Xdp() => HookPrograms.CountOnLoopback(static spec => spec.Programs.Xdp, static (programs, device) => programs.Xdp.Attach(device, XdpMode.Generic));

    [Fact]
    [Row("sections", "xdp.frags")]
    [Row("links", "XDP frags, cpumap and devmap programs")]
    public void XdpFrags() => HookPrograms.CountOnLoopback(static spec => spec.Programs.XdpFrags, static (programs, device) => programs.XdpFrags.Attach(device, XdpMode.Generic));

    [Fact]
    [Row("links", "XDP by netlink: SKB and DRV modes, replace, query")]
    public void By_netlink_in_generic_mode()
        => HookPrograms.CountOnLoopback(static spec => spec.Programs.Xdp, static (programs, device) => programs.Xdp.AttachByNetlink(device, new XdpNetlinkOptions { Mode = XdpMode.Generic }));

    [Fact]
    [Row("links", "XDP by netlink: SKB and DRV modes, replace, query")]
    [Row("links", "link info: xdp")]
    public void By_netlink_each_mode_is_found_and_replaced_only_by_who_expects_it() => PrivateNamespace.WithNetwork(() =>
    {
        PrivateNamespace.Shell("ip link add a0 type veth peer name a1 && ip link set a0 up && ip link set a1 up");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Xdp, static spec => spec.Programs.XdpSecond));
        NetworkDevice device = NetworkDevice.FromName("a1");
        Assert.Empty(device.QueryXdp().Attached);

        foreach (XdpMode mode in new[] { XdpMode.Generic, XdpMode.Native })
        {
            BpfProgramLink link = hooks.Programs.Xdp.AttachByNetlink(device, new XdpNetlinkOptions { Mode = mode });
            Assert.Null(link.Id);
            Assert.Equal([new XdpProgramEntry(mode, hooks.Programs.Xdp.Id)], device.QueryXdp().Attached);
            BpfSyscallException taken = Assert.Throws<BpfSyscallException>(
                () => hooks.Programs.XdpSecond.AttachByNetlink(device, new XdpNetlinkOptions { Mode = mode }));
            Assert.Equal(Errno.EBUSY, taken.Errno);
            Assert.Contains($"program {hooks.Programs.Xdp.Id} in mode {mode}", taken.Message, StringComparison.Ordinal);
            Assert.Contains("The kernel says", taken.Message, StringComparison.Ordinal);

            // The place is taken by who names its holder; what had it then takes nothing away.
            BpfProgramLink second = hooks.Programs.XdpSecond.AttachByNetlink(device, new XdpNetlinkOptions { Mode = mode, Replace = hooks.Programs.Xdp });
            link.Dispose();
            Assert.Equal(hooks.Programs.XdpSecond.Id, device.QueryXdp().ProgramId);
            second.Dispose();
            Assert.Empty(device.QueryXdp().Attached);
        }

        Assert.Throws<BpfSyscallException>(() => hooks.Programs.Xdp.AttachByNetlink(device, new XdpNetlinkOptions { Mode = XdpMode.Offload }));
    });

    [Fact]
    [Row("links", "link update, detach, pin, open pinned, info")]
    public void A_link_says_what_it_is_and_what_is_in_its_way() => PrivateNamespace.WithNetwork(() =>
    {
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Xdp, static spec => spec.Programs.XdpSecond));
        NetworkDevice device = NetworkDevice.FromName("lo");
        BpfProgramLink link = hooks.Programs.Xdp.Attach(device, XdpMode.Generic);

        Assert.Equal(device.Index, Assert.IsType<BpfNetworkDeviceLinkInfo>(link.GetInfo()).InterfaceIndex);
        BpfSyscallException taken = Assert.Throws<BpfSyscallException>(() => hooks.Programs.XdpSecond.Attach(device, XdpMode.Generic));
        Assert.Equal(Errno.EBUSY, taken.Errno);
        Assert.Contains($"program {hooks.Programs.Xdp.Id} in mode Generic", taken.Message, StringComparison.Ordinal);
        link.Dispose();
        Assert.Contains("Generic works", Assert.Throws<BpfSyscallException>(() => hooks.Programs.XdpSecond.Attach(device, XdpMode.Native)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_device_with_large_packets_says_its_size_and_three_remedies() => PrivateNamespace.WithNetwork(() =>
    {
        PrivateNamespace.Shell("ip link add a0 mtu 9000 type veth peer name a1 mtu 9000 && ip link set a0 up && ip link set a1 up");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Xdp));
        NetworkDevice device = NetworkDevice.FromName("a1");

        foreach (Func<BpfProgramLink> attach in new[] { () => hooks.Programs.Xdp.Attach(device, XdpMode.Native), () => hooks.Programs.Xdp.AttachByNetlink(device, new XdpNetlinkOptions { Mode = XdpMode.Native }) })
        {
            BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => attach());

            Assert.Equal(Errno.ERANGE, refusal.Errno);
            Assert.Contains("has an MTU of 9000", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("SEC(\"xdp.frags\")", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("XdpMode.Generic", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Contains("does not run XDP programs on the card", Assert.Throws<BpfSyscallException>(() => hooks.Programs.Xdp.Attach(device, XdpMode.Offload)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_link_whose_device_is_gone_says_so() => PrivateNamespace.WithNetwork(() =>
    {
        PrivateNamespace.Shell("ip link add a0 type veth peer name a1");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Xdp, static spec => spec.Programs.XdpSecond));
        BpfProgramLink link = hooks.Programs.Xdp.Attach(NetworkDevice.FromName("a1"), XdpMode.Generic);
        PrivateNamespace.Shell("ip link del a0 && ip link add a0 type veth peer name a1");

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => link.Update(hooks.Programs.XdpSecond));

        Assert.Equal(Errno.ENOLINK, refusal.Errno);
        Assert.Contains("The network device that the link was attached to is gone", refusal.Message, StringComparison.Ordinal);
    });

    [Fact]
    [Row("sections", "xdp/devmap")]
    public void DeviceMap() => CountsEntries(
        "b0", static spec => spec.Programs.XdpToDevice, static spec => spec.Programs.Devmap,
        static programs => programs.XdpToDevice, static programs => programs.Devmap, static hooks => hooks.Maps.Devices);

    [Fact]
    [Row("sections", "xdp.frags/devmap")]
    public void DeviceMapOfFrags() => CountsEntries(
        "b0", static spec => spec.Programs.XdpFragsToDevice, static spec => spec.Programs.DevmapFrags,
        static programs => programs.XdpFragsToDevice, static programs => programs.DevmapFrags, static hooks => hooks.Maps.Devices);

    [Fact]
    [Row("sections", "xdp/cpumap")]
    public void CpuMap() => CountsEntries(
        null, static spec => spec.Programs.XdpToCpu, static spec => spec.Programs.Cpumap,
        static programs => programs.XdpToCpu, static programs => programs.Cpumap, static hooks => hooks.Maps.Cpus);

    [Fact]
    [Row("sections", "xdp.frags/cpumap")]
    public void CpuMapOfFrags() => CountsEntries(
        null, static spec => spec.Programs.XdpFragsToCpu, static spec => spec.Programs.CpumapFrags,
        static programs => programs.XdpFragsToCpu, static programs => programs.CpumapFrags, static hooks => hooks.Maps.Cpus);

    // Frames go in at a0, out of a1, and from there through the map; b1 takes what the map sends out of b0.
    private void CountsEntries(
        string? device, Func<NetworkHooks.Spec, BpfProgramSpec> sends, Func<NetworkHooks.Spec, BpfProgramSpec> entry, Func<NetworkHooks.ProgramSet, BpfXdpProgram> sender,
        Func<NetworkHooks.ProgramSet, BpfXdpMapProgram> inEntry, Func<NetworkHooks, BpfMap> map) => PrivateNamespace.WithNetwork(() =>
    {
        PrivateNamespace.Shell(
            "for pair in a b; do ip link add ${pair}0 type veth peer name ${pair}1 && ip link set ${pair}0 up && ip link set ${pair}1 up || exit 1; done");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), sends, entry, static spec => spec.Programs.XdpPass));
        Put(map(hooks), device is null ? QueueSize : (uint)NetworkDevice.FromName(device).Index, inEntry(hooks.Programs));

        // A device takes what is sent to it whole when its other end has a program.
        hooks.Programs.XdpPass.Attach(NetworkDevice.FromName("b1"), XdpMode.Native);
        sender(hooks.Programs).Attach(NetworkDevice.FromName("a1"), XdpMode.Native);
        RawSocket.SendFrames(NetworkDevice.FromName("a0"), Packets);
        Stimuli.Reaches(() => hooks.Globals.Hits, Packets);
        Assert.Equal(map(hooks).Type, inEntry(hooks.Programs).MapType);
    });

    private static unsafe void Put(BpfMap map, uint where, BpfXdpMapProgram program)
    {
        uint key = 0;
        uint* value = stackalloc uint[2] { where, (uint)program.Handle.DangerousGetHandle() };
        Assert.Equal(0, MapCalls.Update(map.Handle, &key, value, UpdateMode.Any));
    }
}
