namespace Hypermesh.Bpf;

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
