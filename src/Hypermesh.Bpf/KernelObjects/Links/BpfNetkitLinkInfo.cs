namespace Hypermesh.Bpf;

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
