using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Xdp;

/// <summary>XDP by link and by netlink in its modes, on devices in a namespace of the test's own.</summary>
public sealed class XdpHookTests : KernelTest
{
    [Fact]
    [Row("sections", "xdp")]
    [Row("links", "XDP by link")]
    public void XDP_programs_run() => HookPrograms.CountOnLoopback(static spec => spec.Programs.Xdp, static (programs, device) => programs.Xdp.Attach(device, XdpMode.Generic));

    [Fact]
    [Row("sections", "xdp.frags")]
    [Row("links", "XDP frags, cpumap and devmap programs")]
    public void XDP_frags_programs_run() => HookPrograms.CountOnLoopback(static spec => spec.Programs.XdpFrags, static (programs, device) => programs.XdpFrags.Attach(device, XdpMode.Generic));

    [Fact]
    [Row("links", "XDP by netlink: SKB and DRV modes, replace, query")]
    public void By_netlink_in_generic_mode()
        => HookPrograms.CountOnLoopback(static spec => spec.Programs.Xdp, static (programs, device) => programs.Xdp.AttachByNetlink(device, XdpMode.Generic));

    [Fact]
    [Row("links", "XDP by netlink: SKB and DRV modes, replace, query")]
    [Row("links", "link info: xdp")]
    public void By_netlink_each_mode_is_found_and_replaced_only_if_it_is_the_expected_one() => Sandbox.WithNetwork(() =>
    {
        Sandbox.Shell("ip link add a0 type veth peer name a1 && ip link set a0 up && ip link set a1 up");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Xdp, static spec => spec.Programs.XdpSecond));
        NetworkDevice device = NetworkDevice.FromName("a1");
        Assert.Empty(device.QueryXdp());

        foreach (XdpMode mode in new[] { XdpMode.Generic, XdpMode.Native })
        {
            BpfProgramLink link = hooks.Programs.Xdp.AttachByNetlink(device, mode);
            Assert.Null(link.Id);
            Assert.Equal([new XdpProgramEntry(mode, hooks.Programs.Xdp.Id)], device.QueryXdp());
            BpfSyscallException taken = Assert.Throws<BpfSyscallException>(
                () => hooks.Programs.XdpSecond.AttachByNetlink(device, mode));
            Assert.Equal(Errno.EBUSY, taken.Errno);
            Assert.Contains($"program {hooks.Programs.Xdp.Id} in mode {mode}", taken.Message, StringComparison.Ordinal);
            Assert.Contains("The kernel reports", taken.Message, StringComparison.Ordinal);

            // The place is taken by who names its holder; what had it then takes nothing away.
            BpfProgramLink second = hooks.Programs.XdpSecond.AttachByNetlink(device, mode, hooks.Programs.Xdp);
            link.Dispose();
            Assert.Equal(hooks.Programs.XdpSecond.Id, device.QueryXdp()[0].ProgramId);
            second.Dispose();
            Assert.Empty(device.QueryXdp());
        }

        Assert.Throws<BpfSyscallException>(() => hooks.Programs.Xdp.AttachByNetlink(device, XdpMode.Offload));
    });

    [Fact]
    [Row("links", "link update, detach, pin, open pinned, info")]
    public void A_link_has_its_info_and_names_the_program_in_its_way() => Sandbox.WithNetwork(() =>
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
    public void A_device_with_large_packets_says_its_size_and_three_remedies() => Sandbox.WithNetwork(() =>
    {
        Sandbox.Shell("ip link add a0 mtu 9000 type veth peer name a1 mtu 9000 && ip link set a0 up && ip link set a1 up");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Xdp));
        NetworkDevice device = NetworkDevice.FromName("a1");

        foreach (Func<BpfProgramLink> attach in new[] { () => hooks.Programs.Xdp.Attach(device, XdpMode.Native), () => hooks.Programs.Xdp.AttachByNetlink(device, XdpMode.Native) })
        {
            BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => attach());

            Assert.Equal(Errno.ERANGE, refusal.Errno);
            Assert.Contains("has an MTU of 9000", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("SEC(\"xdp.frags\")", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("XdpMode.Generic", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Contains("does not support XDP offload", Assert.Throws<BpfSyscallException>(() => hooks.Programs.Xdp.Attach(device, XdpMode.Offload)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_link_whose_device_is_gone_is_reported() => Sandbox.WithNetwork(() =>
    {
        Sandbox.Shell("ip link add a0 type veth peer name a1");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Xdp, static spec => spec.Programs.XdpSecond));
        BpfProgramLink link = hooks.Programs.Xdp.Attach(NetworkDevice.FromName("a1"), XdpMode.Generic);
        Sandbox.Shell("ip link del a0 && ip link add a0 type veth peer name a1");

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => link.Update(hooks.Programs.XdpSecond));

        Assert.Equal(Errno.ENOLINK, refusal.Errno);
        Assert.Contains("The network device that the link was attached to no longer exists", refusal.Message, StringComparison.Ordinal);
    });
}
