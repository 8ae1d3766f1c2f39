using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Network.Netlink;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.Routes;

/// <summary>A route whose packets a program sees (light-weight tunnel, 4.10; segment routing 4.18), by netlink: it stays when the process ends without detaching.</summary>
internal sealed class RouteAttachment : LinkResource
{
    private const byte InternetFamily = 2;
    private const byte Internet6Family = 10;
    private const byte UniverseScope = 0;
    private const byte LinkScope = 253;
    private const byte HostScope = 254;
    private const ushort Destination = 1;
    private const ushort OutDevice = 4;
    private const ushort Gateway = 5;
    private const ushort EncapsulationType = 21;
    private const ushort Encapsulation = 22;

    private readonly NetlinkSocket _socket;
    private readonly RouteTarget _route;

    private RouteAttachment(NetlinkSocket socket, RouteTarget route)
    {
        _socket = socket;
        _route = route;
    }

    internal static RouteAttachment Open(in LinkRequest request, int program, RouteTarget route, RouteEncapsulation encapsulation)
    {
        NetlinkSocket socket = NetlinkSocket.TryOpen(request.Kernel, out long opened) ?? throw request.Error("socket", opened);
        string name = request.ProgramName;
        NetlinkResult added = socket.Ask(Message(NetlinkType.NewRoute, NetlinkFlags.Create | NetlinkFlags.Exclusive, route)
            .Nest(Encapsulation, nested => encapsulation.Write(nested, program, name))
            .Add(EncapsulationType, encapsulation.Type));
        if (added.Result >= 0)
        {
            return LastingAttachments.Note(new RouteAttachment(socket, route), request);
        }

        socket.Dispose();
        string advice = added.Result switch
        {
            -Errno.EEXIST => "There is already a route to that destination: remove it, or choose another destination.",
            -Errno.EOPNOTSUPP => $"This needs a kernel built with {encapsulation.Option}.",
            _ => "",
        };
        throw request.Error("RTM_NEWROUTE", added.Result, $"{added.Quote} {advice}".Trim());
    }

    public override void Dispose()
    {
        var teardown = default(Teardown);
        teardown.Do(this, static attachment => attachment._socket.Ask(Message(NetlinkType.DeleteRoute, NetlinkFlags.None, attachment._route)));
        LastingAttachments.Forget(this);
        teardown.End(_socket);
        teardown.Report();
    }

    private static NetlinkMessage Message(NetlinkType type, NetlinkFlags flags, RouteTarget route)
    {
        IPAddress address = route.Destination.BaseAddress;
        bool internet = address.AddressFamily == AddressFamily.InterNetwork;
        byte scope = !internet || route.Gateway is not null ? UniverseScope : route.Kind == RouteKind.Local ? HostScope : LinkScope;
        byte[] body = RouteMessages.Route(
            internet ? InternetFamily : Internet6Family, (byte)route.Destination.PrefixLength, scope, (byte)route.Kind);
        NetlinkMessage message = new NetlinkMessage(type, flags, body).Add(Destination, address.GetAddressBytes()).Add(OutDevice, route.Device.Index);
        return route.Gateway is null ? message : message.Add(Gateway, route.Gateway.GetAddressBytes());
    }
}

/// <summary>How a program is written into a route, for each type of program.</summary>
internal sealed record RouteEncapsulation(ushort Type, string Option, Action<NetlinkMessage, int, string> Write)
{
    private const ushort Bpf = 6;
    private const ushort SegmentRouting = 7;
    private const ushort Descriptor = 1;
    private const ushort Name = 2;
    private const ushort SegmentAction = 1;
    private const ushort SegmentProgram = 8;
    private const int RunProgram = 15;

    private static readonly Dictionary<BpfProgramType, RouteEncapsulation> s_types = new()
    {
        [BpfProgramType.LwtIn] = Tunnel(1),
        [BpfProgramType.LwtOut] = Tunnel(2),
        [BpfProgramType.LwtXmit] = Tunnel(3),
        [BpfProgramType.LwtSeg6Local] = new(SegmentRouting, "CONFIG_IPV6_SEG6_BPF", static (message, program, name) => message
            .Add(SegmentAction, RunProgram)
            .Nest(SegmentProgram, nested => nested.Add(Descriptor, program).Add(Name, name))),
    };

    internal static RouteEncapsulation Of(BpfProgramType type) => s_types[type];

    private static RouteEncapsulation Tunnel(ushort place) => new(
        Bpf, "CONFIG_LWTUNNEL_BPF", (message, program, name) => message.Nest(place, nested => nested.Add(Descriptor, program).Add(Name, name)));
}
