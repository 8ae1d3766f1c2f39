namespace Hypermesh.Bpf;

/// <summary>What a route does with its packets.</summary>
public enum RouteKind
{
    /// <summary>Sends them on by its device.</summary>
    Unicast = 1,

    /// <summary>Gives them to this machine.</summary>
    Local = 2,
}
