using System.Net;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Routes;

/// <summary>Programs of routes, in a namespace of the test's own: the route is made, fired by a packet each time, and gone with the link.</summary>
public sealed class RouteHookTests : KernelTest
{
    private const int Packets = 20;
    private const ushort Port = 9;
    private const uint Destination = 0x0a090901;

    [Fact]
    [Row("sections", "lwt_in")]
    [Row("links", "LWT in/out/xmit/seg6local")]
    public void Lwt_in_programs_run() => Counts(static spec => spec.Programs.LwtIn, static programs => programs.LwtIn, RouteKind.Local);

    [Fact]
    [Row("sections", "lwt_out")]
    [Row("links", "LWT in/out/xmit/seg6local")]
    public void Lwt_out_programs_run() => Counts(static spec => spec.Programs.LwtOut, static programs => programs.LwtOut, RouteKind.Unicast);

    [Fact]
    [Row("sections", "lwt_xmit")]
    [Row("links", "LWT in/out/xmit/seg6local")]
    public void Lwt_xmit_programs_run() => Counts(static spec => spec.Programs.LwtXmit, static programs => programs.LwtXmit, RouteKind.Unicast);

    // A packet is wrapped into one that goes by a segment, where the program runs. What is sent from here has a table of its own, or it would meet the
    // program's route on its way out.
    [Fact]
    [Row("sections", "lwt_seg6local")]
    [Row("links", "LWT in/out/xmit/seg6local")]
    public void Lwt_seg6local_programs_run() => Sandbox.WithNetwork(() =>
    {
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.LwtSeg6local));
        Sandbox.Shell("""
            ip link add a0 type veth peer name a1 && ip link set a0 address 02:00:00:00:00:01 && ip link set a1 address 02:00:00:00:00:02
            ip link set a0 up && ip link set a1 up && for place in all default a0 a1 lo; do echo 1 > /proc/sys/net/ipv6/conf/$place/seg6_enabled; done
            echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
            ip -6 addr add fd01::1/64 dev a0 nodad && ip -6 neigh add fd01::2 lladdr 02:00:00:00:00:02 dev a0
            ip -6 rule add iif lo pref 10 lookup 100 && ip -6 route add fd03::1/128 via fd01::2 dev a0 table 100
            ip -6 route add fd02::1/128 encap seg6 mode encap segs fd03::1,fd04::1 via fd01::2 dev a0 table 100
            """);
        BpfProgramLink link;
        try
        {
            link = hooks.Programs.LwtSeg6local.Attach(new RouteTarget(IPNetwork.Parse("fd03::1/128"), NetworkDevice.FromName("a1")));
        }
        catch (BpfSyscallException missing) when (missing.Errno == Errno.EOPNOTSUPP)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(missing.Message);
            Assert.Skip("this kernel has no seg6local routes (CONFIG_IPV6_SEG6_LWTUNNEL)");
            throw;
        }

        using var socket = new RawSocket(RawSocket.Internet6, RawSocket.Datagram);
        for (int i = 0; i < Packets; i++)
        {
            socket.Send(RawSocket.Address6([0xfd, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], Port));
        }

        Stimuli.Reaches(() => hooks.Globals.Hits, Packets);
        link.Dispose();
        Sandbox.Shell("! ip -6 route show table main | grep fd03");
    });

    private void Counts(Func<NetworkHooks.Spec, BpfProgramSpec> choose, Func<NetworkHooks.ProgramSet, BpfLwtProgram> program, RouteKind kind)
        => Sandbox.WithNetwork(() =>
        {
            Sandbox.Shell("ip link add a0 type veth peer name a1 && ip link set a0 arp off && ip link set a0 up && ip link set a1 up && ip addr add 10.8.8.1/24 dev a0");
            NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), choose));
            var route = new RouteTarget(IPNetwork.Parse("10.9.9.0/24"), NetworkDevice.FromName(kind == RouteKind.Local ? "lo" : "a0"), null, kind);

            BpfProgramLink link = program(hooks.Programs).Attach(route);

            // Someone takes what is for this machine: else the refusals would come by the route as well.
            using var receiver = new RawSocket(RawSocket.Internet, RawSocket.Datagram);
            receiver.Bind(RawSocket.Address4(0, Port));
            using var socket = new RawSocket(RawSocket.Internet, RawSocket.Datagram);
            for (int i = 0; i < Packets; i++)
            {
                socket.Send(RawSocket.Address4(Destination, Port));
            }

            Assert.Equal((ulong)Packets, hooks.Globals.Hits);
            Assert.Contains("already", Assert.Throws<BpfException>(() => program(hooks.Programs).Attach(route)).Message, StringComparison.Ordinal);
            link.Dispose();
            Sandbox.Shell("! ip route show table all | grep 10.9.9");
        });
}
