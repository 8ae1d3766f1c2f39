using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;

namespace Hypermesh.Bpf.FeatureChecks;

/// <summary>
/// Probes link types with a target that cannot exist. A kernel that supports the type looks for the target and reports that it does not exist;
/// one that does not returns EINVAL. Types whose target is set at load are attached to something that is never run.
/// </summary>
internal static unsafe class LinkKindProbes
{
    private const uint NoDevice = int.MaxValue;
    private const uint Loopback = 1;
    private const uint NativeMode = 1u << 2;
    private const int PassOn = 2;
    private const uint NoDescriptor = uint.MaxValue;
    private const uint NoProtocol = 255;

    private static readonly Dictionary<BpfLinkType, Func<IKernel, long>> s_probes = new()
    {
        [BpfLinkType.RawTracepoint] = TryRawTracepoint,
        [BpfLinkType.Tracing] = static kernel => TryCreate(kernel, BpfProgramType.Tracing, BpfAttachType.TraceFEntry, default, 0, ProbeTargets.Function),
        [BpfLinkType.CGroup] = static kernel => TryTarget(kernel, BpfProgramType.CGroupSkb, BpfAttachType.CGroupInetIngress, NoDescriptor, Errno.EBADF),
        [BpfLinkType.Iterator] = static kernel => TryCreate(kernel, BpfProgramType.Tracing, BpfAttachType.TraceIter, default, 0, ProbeTargets.Iterator),
        [BpfLinkType.NetworkNamespace] = static kernel => TryTarget(kernel, BpfProgramType.SkLookup, BpfAttachType.SkLookup, NoDescriptor, Errno.EBADF),

        // For a missing device XDP returns EINVAL too, so use the loopback, which has no driver that supports native XDP.
        [BpfLinkType.Xdp] = static kernel => TryCreate(
            kernel, BpfProgramType.Xdp, BpfAttachType.Xdp, new LinkCreateAttr { TargetIfindex = Loopback, Flags = NativeMode }, Errno.EOPNOTSUPP),
        [BpfLinkType.PerfEvent] = static kernel => TryTarget(kernel, BpfProgramType.Tracepoint, BpfAttachType.PerfEvent, NoDescriptor, Errno.EBADF),
        [BpfLinkType.KProbeMulti] = TryKProbes,
        [BpfLinkType.StructOps] = TryStructOps,
        [BpfLinkType.Netfilter] = static kernel => TryCreate(
            kernel, BpfProgramType.Netfilter, BpfAttachType.Netfilter, new LinkCreateAttr { NetfilterPf = NoProtocol }, Errno.EAFNOSUPPORT),
        [BpfLinkType.Tcx] = static kernel => TryTarget(kernel, BpfProgramType.SchedCls, BpfAttachType.TcxIngress, NoDevice, Errno.ENODEV),
        [BpfLinkType.UProbeMulti] = TryUProbes,
        [BpfLinkType.Netkit] = static kernel => TryTarget(kernel, BpfProgramType.SchedCls, BpfAttachType.NetkitPrimary, NoDevice, Errno.ENODEV),
        [BpfLinkType.TracingMulti] = LinkFeatures.TryTracingMulti,
        [BpfLinkType.SockMap] = static kernel => TryTarget(kernel, BpfProgramType.SkMsg, BpfAttachType.SkMsgVerdict, NoDescriptor, Errno.EBADF),
    };

    /// <summary>Returns the answer, or null for a type that cannot be probed.</summary>
    internal static long? Try(IKernel kernel, BpfLinkType type) => s_probes.TryGetValue(type, out Func<IKernel, long>? probe) ? probe(kernel) : null;

    private static long TryTarget(IKernel kernel, BpfProgramType type, BpfAttachType attach, uint target, int understood)
        => TryCreate(kernel, type, attach, new LinkCreateAttr { TargetFd = target }, understood);

    private static long TryCreate(IKernel kernel, BpfProgramType type, BpfAttachType attach, LinkCreateAttr attributes, int understood, Func<IKernel, int>? target = null)
    {
        ProbeProgram program = ProbeProgram.Of(type) with { Attach = attach };
        ProgramLoader.Outcome loaded = (target is null ? program : program with { Target = target }).Load(kernel, type, ProbeCode.Move(0, type == BpfProgramType.Xdp ? PassOn : 0), ProbeCode.Exit());
        if (loaded.Result < 0)
        {
            return loaded.Result;
        }

        using var handle = new BpfHandle(kernel, loaded.Result);
        attributes.ProgFd = (uint)loaded.Result;
        attributes.AttachType = (uint)attach;
        long result = type == BpfProgramType.Tracing && attach != BpfAttachType.TraceIter ? Attach(kernel, handle, "") : BpfCalls.CreateLink(kernel, ref attributes);

        // A kernel that finds the target busy supports the type.
        return (understood != 0 && result == -understood) || result == -Errno.EBUSY ? 0 : FeatureAttempt.Close(kernel, result);
    }

    // The name is not a tracepoint: ENOENT from a kernel that looked for it.
    private static long TryRawTracepoint(IKernel kernel)
    {
        ProgramLoader.Outcome loaded = ProbeProgram.Of(BpfProgramType.RawTracepoint).Load(kernel, BpfProgramType.RawTracepoint, ProbeCode.Move(0, 0), ProbeCode.Exit());
        if (loaded.Result < 0)
        {
            return loaded.Result;
        }

        using var handle = new BpfHandle(kernel, loaded.Result);
        long result = Attach(kernel, handle, "no such tracepoint");
        return result == -Errno.ENOENT ? 0 : FeatureAttempt.Close(kernel, result);
    }

    private static long Attach(IKernel kernel, BpfHandle program, string name)
    {
        fixed (byte* text = System.Text.Encoding.ASCII.GetBytes(name + '\0'))
        {
            RawTracepointAttr attributes = default;
            attributes.Name = name.Length == 0 ? 0 : (ulong)text;
            attributes.ProgFd = (uint)program.DangerousGetHandle();
            return kernel.Bpf(BpfCommand.RawTracepointOpen, &attributes, (uint)sizeof(RawTracepointAttr));
        }
    }

    // The function does not exist: ESRCH from a kernel that looked for it, EOPNOTSUPP from one without fprobes.
    private static long TryKProbes(IKernel kernel)
    {
        fixed (byte* name = "no such function\0"u8)
        {
            ulong names = (ulong)name;
            return TryCreate(
                kernel, BpfProgramType.KProbe, BpfAttachType.TraceKProbeMulti, new LinkCreateAttr { KprobeMultiCnt = 1, KprobeMultiSyms = (ulong)(&names) }, Errno.ESRCH);
        }
    }

    // A directory is not an executable: EBADF from a kernel that looked at it.
    private static long TryUProbes(IKernel kernel)
    {
        fixed (byte* path = "/\0"u8)
        {
            ulong offset = 0;
            return TryCreate(
                kernel, BpfProgramType.KProbe, BpfAttachType.TraceUProbeMulti,
                new LinkCreateAttr { UprobeMultiPath = (ulong)path, UprobeMultiOffsets = (ulong)(&offset), UprobeMultiCnt = 1 }, Errno.EBADF);
        }
    }

    // A struct_ops map has a flag for links at creation; a kernel that supports it then rejects the type, which is the integer with the kernel's first ID.
    private static long TryStructOps(IKernel kernel)
    {
        MapCreateAttr attributes = default;
        attributes.MapType = (uint)BpfMapType.StructOps;
        attributes.KeySize = 4;
        attributes.ValueSize = 4;
        attributes.MaxEntries = 1;
        attributes.MapFlags = (uint)BpfMapFlags.Link;
        attributes.BtfVmlinuxValueTypeId = 1;
        long result = kernel.Bpf(BpfCommand.MapCreate, &attributes, (uint)sizeof(MapCreateAttr));
        return result == -Errno.ENOTSUPP ? 0 : FeatureAttempt.Close(kernel, result);
    }
}
