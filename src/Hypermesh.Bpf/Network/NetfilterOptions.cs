namespace Hypermesh.Bpf;

/// <summary>Where in netfilter a program runs.</summary>
public sealed record NetfilterOptions
{
    /// <summary>The packets it sees.</summary>
    public NetfilterFamily Family { get; init; } = NetfilterFamily.IPv4;

    /// <summary>The hook.</summary>
    public NetfilterHook Hook { get; init; }

    /// <summary>Its place among the hook's others: the lowest runs first. The least and the greatest value are the kernel's own; no two BPF programs share one.</summary>
    public int Priority { get; init; }

    /// <summary>Fragments are put together before it sees them (6.6, <c>BPF_F_NETFILTER_IP_DEFRAG</c>); its priority is then above -400.</summary>
    public bool Defragment { get; init; }
}
