namespace Hypermesh.Bpf;

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
