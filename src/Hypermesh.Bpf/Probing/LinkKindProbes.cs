using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;

namespace Hypermesh.Bpf.Probing;

/// <summary>
/// Whether the kernel has a kind of link: one with a target that cannot be. A kernel that knows the kind looks for the target and says what it did not find;
/// one that does not says EINVAL. Kinds whose target is told at load are attached to something that is never run.
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

        // For a device that is not there XDP says EINVAL as well; the loopback has no driver that could run it.
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

    /// <summary>The answer, or null for a kind there is no way to try.</summary>
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

        // Who finds the place taken has found it.
        return (understood != 0 && result == -understood) || result == -Errno.EBUSY ? 0 : FeatureAttempt.Close(kernel, result);
    }

    // A name that is no tracepoint: ENOENT from a kernel that looked for it.
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

    // A function that is not: ESRCH from a kernel that looked for it, EOPNOTSUPP from one without fprobes.
    private static long TryKProbes(IKernel kernel)
    {
        fixed (byte* name = "no such function\0"u8)
        {
            ulong names = (ulong)name;
            return TryCreate(
                kernel, BpfProgramType.KProbe, BpfAttachType.TraceKProbeMulti, new LinkCreateAttr { KprobeMultiCnt = 1, KprobeMultiSyms = (ulong)(&names) }, Errno.ESRCH);
        }
    }

    // A directory is no program: EBADF from a kernel that looked at it.
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

    // Operations say at the map's creation that they will be linked; what follows is the refusal of their type, which is the integer that is the kernel's first.
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
