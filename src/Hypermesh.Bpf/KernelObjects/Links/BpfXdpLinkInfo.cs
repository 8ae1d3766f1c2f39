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
