namespace Hypermesh.Bpf;

/// <summary>How an XDP program is attached without a link.</summary>
public sealed record XdpNetlinkOptions
{
    /// <summary>Where it runs.</summary>
    public XdpMode Mode { get; init; }

    /// <summary>Takes the place of this program and of no other (<c>IFLA_XDP_EXPECTED_FD</c>, 5.7); null: only where there is none.</summary>
    public BpfProgram? Replace { get; init; }
}
