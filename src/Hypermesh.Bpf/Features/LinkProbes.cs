namespace Hypermesh.Bpf;

/// <summary>Features of links.</summary>
internal static class LinkProbes
{
    private const int BadDescriptor = -1;

    internal static Dictionary<BpfFeature, Func<IKernel, long>> All { get; } = new()
    {
        [BpfFeature.Link] = static kernel => TryLink(kernel, BpfAttachType.CGroupInetIngress),
        [BpfFeature.PerfEventLink] = static kernel => TryLink(kernel, BpfAttachType.PerfEvent),
        [BpfFeature.TcxLink] = static kernel => TryDeviceLink(kernel, BpfAttachType.TcxIngress),
        [BpfFeature.NetkitLink] = static kernel => TryDeviceLink(kernel, BpfAttachType.NetkitPrimary),
        [BpfFeature.CGroupOrder] = static kernel => TryLink(kernel, BpfAttachType.CGroupInetIngress, AttachFlags.Before),
        [BpfFeature.KProbeMultiLink] = MultiLinkProbes.TryKProbeMulti,
        [BpfFeature.UProbeMultiLink] = MultiLinkProbes.TryUProbeMulti,
        [BpfFeature.TracingMultiLink] = MultiLinkProbes.TryTracingMulti,
        [BpfFeature.SyscallWrapper] = SyscallWrapperProbe.Try,
    };

    // A kernel that knows the command looks the bad descriptors up first (EBADF); one that knows not the kind of link says EINVAL.
    private static long TryLink(IKernel kernel, BpfAttachType type, AttachFlags flags = AttachFlags.None)
    {
        BpfProgramType programType = type == BpfAttachType.PerfEvent ? BpfProgramType.Tracepoint : BpfProgramType.CGroupSkb;
        long program = FeatureProbes.Load(kernel, programType, [ProbeCode.Move(0, 1), ProbeCode.Exit()]);
        if (program < 0)
        {
            return program;
        }

        using var handle = new BpfHandle(kernel, program);
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetFd = unchecked((uint)BadDescriptor);
        attributes.AttachType = (uint)type;
        attributes.Flags = (uint)flags;
        long result = KernelLink.TryCreate(kernel, ref attributes);
        return result == -Errno.EBADF ? 0 : FeatureProbes.Close(kernel, result);
    }

    // A kernel that knows the link looks for the device, which no number is; one that does not says EINVAL.
    private static long TryDeviceLink(IKernel kernel, BpfAttachType type)
    {
        long program = FeatureProbes.Load(kernel, BpfProgramType.SchedCls, [ProbeCode.Move(0, 0), ProbeCode.Exit()]);
        if (program < 0)
        {
            return program;
        }

        using var handle = new BpfHandle(kernel, program);
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetIfindex = int.MaxValue;
        attributes.AttachType = (uint)type;
        long result = KernelLink.TryCreate(kernel, ref attributes);
        return result == -Errno.ENODEV ? 0 : FeatureProbes.Close(kernel, result);
    }
}
