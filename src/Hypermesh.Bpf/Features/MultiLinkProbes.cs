namespace Hypermesh.Bpf;

/// <summary>How links to many places at once are tried.</summary>
internal static unsafe class MultiLinkProbes
{
    // A kernel that knows the link reads the list of addresses, which lies nowhere (EFAULT).
    internal static long TryKProbeMulti(IKernel kernel) => TryLink(kernel, BpfProgramType.KProbe, BpfAttachType.TraceKProbeMulti, static (kernel, attributes) =>
    {
        attributes.KprobeMultiAddrs = 1;
        attributes.KprobeMultiCnt = 1;
        long result = KernelLink.TryCreate(kernel, ref attributes);
        return result == -Errno.EFAULT ? 0 : FeatureProbes.Close(kernel, result);
    });

    // The same with a list of types (EFAULT); a kernel without the link does not even load the program.
    internal static long TryTracingMulti(IKernel kernel) => TryLink(kernel, BpfProgramType.Tracing, BpfAttachType.TraceFEntryMulti, static (kernel, attributes) =>
    {
        attributes.TracingMultiIds = 1;
        attributes.TracingMultiCnt = 1;
        long result = KernelLink.TryCreate(kernel, ref attributes);
        return result == -Errno.EFAULT ? 0 : FeatureProbes.Close(kernel, result);
    });

    // The root directory is no program (EBADF). The first kernels that had the link took a thread for a process; those that no longer do refuse process -1
    // before they look at the file (EINVAL). As libbpf has it, only the latter count.
    internal static long TryUProbeMulti(IKernel kernel) => TryLink(kernel, BpfProgramType.KProbe, BpfAttachType.TraceUProbeMulti, static (kernel, attributes) =>
    {
        ulong offset = 0;
        fixed (byte* root = "/\0"u8)
        {
            attributes.UprobeMultiPath = (ulong)root;
            attributes.UprobeMultiOffsets = (ulong)&offset;
            attributes.UprobeMultiCnt = 1;
            long result = KernelLink.TryCreate(kernel, ref attributes);
            if (result != -Errno.EBADF)
            {
                FeatureProbes.Close(kernel, result);
                return result < 0 ? result : -Errno.EINVAL;
            }

            attributes.UprobeMultiPid = uint.MaxValue;
            result = KernelLink.TryCreate(kernel, ref attributes);
            FeatureProbes.Close(kernel, result);
            return result == -Errno.EINVAL ? 0 : -Errno.EOPNOTSUPP;
        }
    });

    private static long TryLink(IKernel kernel, BpfProgramType programType, BpfAttachType type, Func<IKernel, LinkCreateAttr, long> tryCreate)
    {
        long program = FeatureProbes.Load(kernel, programType, [ProbeCode.Move(0, 0), ProbeCode.Exit()], attach: type);
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
