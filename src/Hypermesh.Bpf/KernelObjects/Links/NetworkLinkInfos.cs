namespace Hypermesh.Bpf;

/// <summary>An XDP program on a device (5.9).</summary>
public sealed record BpfXdpLinkInfo : BpfLinkInfo
{
    internal BpfXdpLinkInfo(in RawLinkInfo raw)
        : base(raw) => InterfaceIndex = (int)raw.XdpIfindex;

    /// <summary>The number of the device in its network namespace; 0 once it is gone.</summary>
    public int InterfaceIndex { get; }

    /// <inheritdoc/>
    public override string Target => $"XDP of interface {InterfaceIndex}";
}

/// <summary>A traffic classifier on a device (6.6).</summary>
public sealed record BpfTcxLinkInfo : BpfLinkInfo
{
    internal BpfTcxLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        InterfaceIndex = (int)raw.TcxIfindex;
        AttachType = (BpfAttachType)raw.TcxAttachType;
    }

    /// <summary>The number of the device in its network namespace; 0 once it is gone.</summary>
    public int InterfaceIndex { get; }

    /// <summary>The direction.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of interface {InterfaceIndex}";
}

/// <summary>A program on a netkit device (6.7).</summary>
public sealed record BpfNetkitLinkInfo : BpfLinkInfo
{
    internal BpfNetkitLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        InterfaceIndex = (int)raw.NetkitIfindex;
        AttachType = (BpfAttachType)raw.NetkitAttachType;
    }

    /// <summary>The number of the device in its network namespace; 0 once it is gone.</summary>
    public int InterfaceIndex { get; }

    /// <summary>The side of the pair.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of interface {InterfaceIndex}";
}

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

/// <summary>A program on a network namespace (5.8).</summary>
public sealed record BpfNetworkNamespaceLinkInfo : BpfLinkInfo
{
    internal BpfNetworkNamespaceLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        Inode = raw.NetnsNetnsIno;
        AttachType = (BpfAttachType)raw.NetnsAttachType;
    }

    /// <summary>The inode of the namespace; 0 once it is gone.</summary>
    public uint Inode { get; }

    /// <summary>The hook.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of network namespace {Inode}";
}

/// <summary>A program on a socket map (6.10).</summary>
public sealed record BpfSockMapLinkInfo : BpfLinkInfo
{
    internal BpfSockMapLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        MapId = raw.SockmapMapId;
        AttachType = (BpfAttachType)raw.SockmapAttachType;
    }

    /// <summary>The number of the map; 0 once it is detached.</summary>
    public uint MapId { get; }

    /// <summary>What it does for the sockets.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of map {MapId}";
}
