using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.TrafficControl;

/// <summary>Links to network devices that can have several programs: TCX (6.6) and netkit (6.7).</summary>
internal static class TcxLink
{
    internal static DescriptorLink Open(in LinkRequest request, int program, NetworkDevice device, BpfAttachType direction, BpfAnchor anchor)
        => OpenAmongOthers(request, program, device, direction, anchor, LinkFeatures.TcxLink);

    internal static DescriptorLink OpenNetkit(in LinkRequest request, int program, NetworkDevice device, BpfAttachType side, BpfAnchor anchor)
        => OpenAmongOthers(request, program, device, side, anchor, LinkFeatures.NetkitLink);

    // The attributes of both types have the same layout.
    private static DescriptorLink OpenAmongOthers(
        in LinkRequest request, int program, NetworkDevice device, BpfAttachType type, BpfAnchor anchor, FeatureProbe feature)
    {
        using HeldHandle? neighbour = anchor.Hold();
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetIfindex = (uint)device.Index;
        attributes.AttachType = (uint)type;
        attributes.Flags = (uint)anchor.Flags;
        attributes.TcxRelativeId = neighbour is null ? anchor.Id : (uint)neighbour.Descriptor;
        attributes.TcxExpectedRevision = anchor.ExpectedRevision;
        long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
        return result >= 0
            ? new DescriptorLink(new BpfHandle(request.Kernel, result))
            : throw request.Error(BpfCommand.LinkCreate, result, feature, Explain(request.Kernel, result, device, type, feature));
    }

    private static string? Explain(IKernel kernel, long result, NetworkDevice device, BpfAttachType type, FeatureProbe feature) => result switch
    {
        -Errno.ESTALE => $"The list of programs has changed since the expected revision; its revision is now {ProgramQuery.OfDevice(kernel, device.Index, device.ToString(), type, feature).Revision}.",
        -Errno.ENOENT or -Errno.ERANGE => "The program or link of the anchor is not attached there.",
        -Errno.EEXIST => "The program is already attached there.",
        -Errno.ENODEV => device.Gone,
        _ => null,
    };
}
