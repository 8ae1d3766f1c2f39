namespace Hypermesh.Bpf;

/// <summary>A program on a netfilter hook (6.4).</summary>
public sealed record BpfNetfilterLinkInfo : BpfLinkInfo
{
    internal BpfNetfilterLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        Family = raw.NetfilterPf;
        Hook = raw.NetfilterHooknum;
        Priority = raw.NetfilterPriority;
        Flags = raw.NetfilterFlags;
    }

    /// <summary>The protocol family (<c>NFPROTO_…</c>): 2 IPv4, 10 IPv6.</summary>
    public uint Family { get; }

    /// <summary>The hook (<c>NF_INET_…</c>): 0 before routing, 1 in, 2 forward, 3 out, 4 after routing.</summary>
    public uint Hook { get; }

    /// <summary>Its place among the others of the hook: the lowest runs first.</summary>
    public int Priority { get; }

    /// <summary><c>BPF_F_NETFILTER_…</c>; 1: packets are put together before.</summary>
    public uint Flags { get; }

    /// <inheritdoc/>
    public override string Target => $"netfilter family {Family} hook {Hook} priority {Priority}";
}
