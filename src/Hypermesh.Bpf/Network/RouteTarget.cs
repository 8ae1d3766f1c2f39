using System.Net;

namespace Hypermesh.Bpf;

/// <summary>A route that is made for a program, in the main table.</summary>
/// <param name="Destination">The addresses it is for.</param>
/// <param name="Device">The device its packets go out by.</param>
/// <param name="Gateway">The next router, null where the destinations are on the device's own network.</param>
/// <param name="Kind">What it does with its packets.</param>
public sealed record RouteTarget(IPNetwork Destination, NetworkDevice Device, IPAddress? Gateway = null, RouteKind Kind = RouteKind.Unicast)
{
    /// <inheritdoc/>
    public override string ToString() => $"route {Destination}{(Gateway is null ? "" : $" via {Gateway}")} dev {Device.Name}";
}
