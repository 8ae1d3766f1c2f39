using System.Net;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Network;

/// <summary>Programs of routes, in a namespace of the test's own: the route is made, fired by a packet each time, and gone with the link.</summary>
public sealed class RouteHookTests : KernelTest
{
    private const int Packets = 20;
    private const ushort Port = 9;
    private const uint Destination = 0x0a090901;

    [Fact]
    [Row("sections", "lwt_in")]
    [Row("links", "LWT in/out/xmit/seg6local")]
    public void LwtIn() => Counts(static spec => spec.Programs.LwtIn, static programs => programs.LwtIn, RouteKind.Local);

    [Fact]
    [Row("sections", "lwt_out")]
    [Row("links", "LWT in/out/xmit/seg6local")]
    public void LwtOut() => Counts(static spec => spec.Programs.LwtOut, static programs => programs.LwtOut, RouteKind.Unicast);

    [Fact]
    [Row("sections", "lwt_xmit")]
    [Row("links", "LWT in/out/xmit/seg6local")]
    public void LwtXmit() => Counts(static spec => spec.Programs.LwtXmit, static programs => programs.LwtXmit, RouteKind.Unicast);

    private void Counts(Func<NetworkHooks.Spec, ProgramSpec> choose, Func<NetworkHooks.ProgramSet, BpfLwtProgram> program, RouteKind kind)
        => PrivateNamespace.WithNetwork(() =>
        {
            PrivateNamespace.Shell("ip link add a0 type veth peer name a1 && ip link set a0 arp off && ip link set a0 up && ip link set a1 up && ip addr add 10.8.8.1/24 dev a0");
            NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), choose));
            var route = new RouteTarget(IPNetwork.Parse("10.9.9.0/24"), NetworkDevice.FromName(kind == RouteKind.Local ? "lo" : "a0"), null, kind);

            BpfLink link = program(hooks.Programs).Attach(route);

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
            PrivateNamespace.Shell("! ip route show table all | grep 10.9.9");
        });
}
