namespace Hypermesh.Bpf.Features;

/// <summary>Tests for types of link.</summary>
internal static unsafe class LinkFeatures
{
    private const int BadDescriptor = -1;

    internal static FeatureProbe Link { get; } = new(BpfFeature.Link, static kernel => TryLink(kernel, BpfAttachType.CGroupInetIngress));

    internal static FeatureProbe PerfEventLink { get; } = new(BpfFeature.PerfEventLink, static kernel => TryLink(kernel, BpfAttachType.PerfEvent));

    internal static FeatureProbe TcxLink { get; } = new(BpfFeature.TcxLink, static kernel => TryDeviceLink(kernel, BpfAttachType.TcxIngress));

    internal static FeatureProbe NetkitLink { get; } = new(BpfFeature.NetkitLink, static kernel => TryDeviceLink(kernel, BpfAttachType.NetkitPrimary));

    internal static FeatureProbe CGroupOrder { get; } = new(BpfFeature.CGroupOrder, static kernel => TryLink(kernel, BpfAttachType.CGroupInetIngress, BpfAttachFlags.Before));

    internal static FeatureProbe KProbeMultiLink { get; } = new(BpfFeature.KProbeMultiLink, TryKProbeMulti);

    internal static FeatureProbe UProbeMultiLink { get; } = new(BpfFeature.UProbeMultiLink, TryUProbeMulti);

    internal static FeatureProbe TracingMultiLink { get; } = new(BpfFeature.TracingMultiLink, TryTracingMulti);

    internal static IEnumerable<FeatureProbe> All => [Link, PerfEventLink, TcxLink, NetkitLink, CGroupOrder, KProbeMultiLink, UProbeMultiLink, TracingMultiLink];

    // A kernel that supports the link looks up the bad descriptor first (EBADF); one that does not returns EINVAL.
    private static long TryLink(IKernel kernel, BpfAttachType type, BpfAttachFlags flags = BpfAttachFlags.None)
    {
        BpfProgramType programType = type == BpfAttachType.PerfEvent ? BpfProgramType.Tracepoint : BpfProgramType.CGroupSkb;
        long program = FeatureAttempt.Load(kernel, programType, [ProbeCode.Move(0, 1), ProbeCode.Exit()]);
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
        long result = BpfCalls.CreateLink(kernel, ref attributes);
        return result == -Errno.EBADF ? 0 : FeatureAttempt.Close(kernel, result);
    }

    // A kernel that supports the link looks for the device, which does not exist; one that does not returns EINVAL.
    private static long TryDeviceLink(IKernel kernel, BpfAttachType type)
    {
        long program = FeatureAttempt.Load(kernel, BpfProgramType.SchedCls, [ProbeCode.Move(0, 0), ProbeCode.Exit()]);
        if (program < 0)
        {
            return program;
        }

        using var handle = new BpfHandle(kernel, program);
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetIfindex = int.MaxValue;
        attributes.AttachType = (uint)type;
        long result = BpfCalls.CreateLink(kernel, ref attributes);
        return result == -Errno.ENODEV ? 0 : FeatureAttempt.Close(kernel, result);
    }

    // A kernel that supports the link reads the list of addresses, whose pointer is not valid (EFAULT).
    private static long TryKProbeMulti(IKernel kernel) => TryMulti(kernel, BpfProgramType.KProbe, BpfAttachType.TraceKProbeMulti, static (kernel, attributes) =>
    {
        attributes.KprobeMultiAddrs = 1;
        attributes.KprobeMultiCnt = 1;
        long result = BpfCalls.CreateLink(kernel, ref attributes);
        return result == -Errno.EFAULT ? 0 : FeatureAttempt.Close(kernel, result);
    });

    // The same with a list of types (EFAULT); a kernel without the link does not even load the program.
    internal static long TryTracingMulti(IKernel kernel) => TryMulti(kernel, BpfProgramType.Tracing, BpfAttachType.TraceFEntryMulti, static (kernel, attributes) =>
    {
        attributes.TracingMultiIds = 1;
        attributes.TracingMultiCnt = 1;
        long result = BpfCalls.CreateLink(kernel, ref attributes);
        return result == -Errno.EFAULT ? 0 : FeatureAttempt.Close(kernel, result);
    });

    // The root directory is not an executable (EBADF). The first kernels with the link took a thread for a process; fixed kernels reject process -1
    // before they look at the file (EINVAL). As in libbpf, only fixed kernels count.
    private static long TryUProbeMulti(IKernel kernel) => TryMulti(kernel, BpfProgramType.KProbe, BpfAttachType.TraceUProbeMulti, static (kernel, attributes) =>
    {
        ulong offset = 0;
        fixed (byte* root = "/\0"u8)
        {
            attributes.UprobeMultiPath = (ulong)root;
            attributes.UprobeMultiOffsets = (ulong)&offset;
            attributes.UprobeMultiCnt = 1;
            long result = BpfCalls.CreateLink(kernel, ref attributes);
            if (result != -Errno.EBADF)
            {
                FeatureAttempt.Close(kernel, result);
                return result < 0 ? result : -Errno.EINVAL;
            }

            attributes.UprobeMultiPid = uint.MaxValue;
            result = BpfCalls.CreateLink(kernel, ref attributes);
            FeatureAttempt.Close(kernel, result);
            return result == -Errno.EINVAL ? 0 : -Errno.EOPNOTSUPP;
        }
    });

    private static long TryMulti(IKernel kernel, BpfProgramType programType, BpfAttachType type, Func<IKernel, LinkCreateAttr, long> tryCreate)
    {
        long program = FeatureAttempt.Load(kernel, programType, [ProbeCode.Move(0, 0), ProbeCode.Exit()], attach: type);
        if (program < 0)
        {
            return program;
        }

        using var handle = new BpfHandle(kernel, program);
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.AttachType = (uint)type;
        return tryCreate(kernel, attributes);
    }
}
