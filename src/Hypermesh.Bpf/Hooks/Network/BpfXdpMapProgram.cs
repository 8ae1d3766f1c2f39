namespace Hypermesh.Bpf;

/// <summary>An XDP program that runs where a map sends packets (<c>xdp/devmap</c> 5.8, <c>xdp/cpumap</c> 5.9): it is not attached, its descriptor goes into the entries of the map.</summary>
public sealed class BpfXdpMapProgram : BpfProgram, IBpfPacketTest
{
    internal BpfXdpMapProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Which kind of map it is for.</summary>
    public BpfMapType MapType => Descriptor.AttachType == BpfAttachType.XdpDevMap ? BpfMapType.DevMap : BpfMapType.CpuMap;
}
