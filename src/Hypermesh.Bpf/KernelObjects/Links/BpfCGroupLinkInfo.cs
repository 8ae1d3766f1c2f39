namespace Hypermesh.Bpf;

/// <summary>A program on a control group (5.8).</summary>
public sealed record BpfCGroupLinkInfo : BpfLinkInfo
{
    internal BpfCGroupLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        CGroupId = raw.CgroupCgroupId;
        AttachType = (BpfAttachType)raw.CgroupAttachType;
    }

    /// <summary>The number of the group, which is the inode of its directory; 0 once the group is removed.</summary>
    public ulong CGroupId { get; }

    /// <summary>The hook.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of cgroup {CGroupId}";
}
