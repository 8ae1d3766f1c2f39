namespace Hypermesh.Bpf;

/// <summary>A program on a network device: XDP (5.9), a traffic classifier (TCX, 6.6), netkit (6.7). <see cref="BpfLinkInfo.Type"/> says which.</summary>
public sealed record BpfNetworkDeviceLinkInfo : BpfLinkInfo
{
    internal BpfNetworkDeviceLinkInfo(in RawLinkInfo raw, uint interfaceIndex, BpfAttachType attachType)
        : base(raw)
    {
        InterfaceIndex = (int)interfaceIndex;
        AttachType = attachType;
    }

    /// <summary>The index of the device in its network namespace; 0 once it is removed.</summary>
    public int InterfaceIndex { get; }

    /// <summary>The hook: XDP, the direction of TCX, the side of a netkit pair.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of interface {InterfaceIndex}";
}

/// <summary>A program on a netfilter hook (6.4).</summary>
public sealed record BpfNetfilterLinkInfo : BpfLinkInfo
{
    private const uint IpDefragment = 1;

    internal BpfNetfilterLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        Family = (NetfilterFamily)raw.NetfilterPf;
        Hook = (NetfilterHook)raw.NetfilterHooknum;
        Priority = raw.NetfilterPriority;
        Defragment = (raw.NetfilterFlags & IpDefragment) != 0;
    }

    /// <summary>The protocol family.</summary>
    public NetfilterFamily Family { get; }

    /// <summary>The hook.</summary>
    public NetfilterHook Hook { get; }

    /// <summary>The priority among the programs of the hook: the lowest runs first.</summary>
    public int Priority { get; }

    /// <summary>True if fragments are reassembled before the program runs (<c>BPF_F_NETFILTER_IP_DEFRAG</c>, 6.6).</summary>
    public bool Defragment { get; }

    /// <inheritdoc/>
    public override string Target => $"netfilter {Family} {Hook} priority {Priority}";
}

/// <summary>The packets a netfilter hook sees (<c>NFPROTO_…</c>).</summary>
public enum NetfilterFamily
{
    /// <summary>IPv4.</summary>
    IPv4 = 2,

    /// <summary>IPv6.</summary>
    IPv6 = 10,
}

/// <summary>The hooks of netfilter (<c>NF_INET_…</c>).</summary>
public enum NetfilterHook
{
    /// <summary>Incoming packets, before routing.</summary>
    PreRouting = 0,

    /// <summary>Packets for this machine.</summary>
    LocalIn = 1,

    /// <summary>Forwarded packets.</summary>
    Forward = 2,

    /// <summary>Packets this machine sends.</summary>
    LocalOut = 3,

    /// <summary>Outgoing packets, after routing.</summary>
    PostRouting = 4,
}

/// <summary>A program on a network namespace (5.8).</summary>
public sealed record BpfNetworkNamespaceLinkInfo : BpfLinkInfo
{
    internal BpfNetworkNamespaceLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        Inode = raw.NetnsNetnsIno;
        AttachType = (BpfAttachType)raw.NetnsAttachType;
    }

    /// <summary>The inode of the namespace; 0 once it is removed.</summary>
    public uint Inode { get; }

    /// <summary>The hook.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of network namespace {Inode}";
}
