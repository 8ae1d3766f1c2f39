namespace Hypermesh.Bpf;

/// <summary>Links to a network device: XDP (5.9) and TCX (6.6).</summary>
internal static class NetworkLink
{
    internal static DescriptorLink OpenXdp(in LinkRequest request, int program, NetworkDevice device, XdpMode mode)
        => Open(request, program, device, BpfAttachType.Xdp, (uint)mode, feature: null);

    internal static DescriptorLink OpenTcx(in LinkRequest request, int program, NetworkDevice device, BpfAttachType direction)
        => Open(request, program, device, direction, flags: 0, BpfFeature.TcxLink);

    private static DescriptorLink Open(in LinkRequest request, int program, NetworkDevice device, BpfAttachType type, uint flags, BpfFeature? feature)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetIfindex = (uint)device.Index;
        attributes.AttachType = (uint)type;
        attributes.Flags = flags;
        return KernelLink.Create(request, ref attributes, feature);
    }
}
