using System.Net;
using Hypermesh.Bpf.Hooks.Routes;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on the packets of a route (<c>lwt_in</c>, <c>lwt_out</c>, <c>lwt_xmit</c> 4.10; <c>lwt_seg6local</c> 4.18).</summary>
public sealed class BpfLwtProgram : BpfProgram, IBpfPacketTest
{
    internal BpfLwtProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>
    /// Creates a route with the program in it, in the calling thread's network namespace. Detaching removes the route; a process that ends without detaching
    /// leaves it. Needs CAP_BPF and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="route">The route; for <c>lwt_seg6local</c> an IPv6 one, whose destination is the segment.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: the route already exists; EOPNOTSUPP: the kernel was built without CONFIG_LWTUNNEL_BPF or CONFIG_IPV6_SEG6_BPF.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(RouteTarget route)
    {
        ArgumentNullException.ThrowIfNull(route);
        string target = route.ToString();
        return AttachTo(target, program => RouteAttachment.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, route, RouteEncapsulation.Of(Type)));
    }
}

/// <summary>A route to create for a program, in the main table.</summary>
/// <param name="Destination">The destination addresses.</param>
/// <param name="Device">The device that sends its packets.</param>
/// <param name="Gateway">The next router; null if the destinations are on the device's own network.</param>
/// <param name="Kind">What it does with its packets.</param>
public sealed record RouteTarget(IPNetwork Destination, NetworkDevice Device, IPAddress? Gateway = null, RouteKind Kind = RouteKind.Unicast)
{
    /// <inheritdoc/>
    public override string ToString() => $"route {Destination}{(Gateway is null ? "" : $" via {Gateway}")} dev {Device.Name}";
}

/// <summary>What a route does with its packets.</summary>
public enum RouteKind
{
    /// <summary>Forwards them through its device.</summary>
    Unicast = 1,

    /// <summary>Delivers them to this machine.</summary>
    Local = 2,
}
