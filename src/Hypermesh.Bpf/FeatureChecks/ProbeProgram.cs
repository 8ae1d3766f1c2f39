using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.FeatureChecks;

/// <summary>The parameters for loading a program of a type when only the type matters.</summary>
/// <param name="Attach">The attach type that the load requires.</param>
/// <param name="Flags">The flags that the type requires.</param>
/// <param name="Target">Finds the BTF type of the target; null for program types without one.</param>
internal sealed record ProbeProgram(BpfAttachType Attach = 0, ProgramLoadFlags Flags = ProgramLoadFlags.None, Func<IKernel, int>? Target = null)
{
    private static readonly ProbeProgram s_plain = new();

    // The same values as in libbpf; every other type loads without any.
    private static readonly Dictionary<BpfProgramType, ProbeProgram> s_stated = new()
    {
        [BpfProgramType.CGroupSockAddr] = new(BpfAttachType.CGroupInet4Connect),
        [BpfProgramType.CGroupSockOpt] = new(BpfAttachType.CGroupGetSockOpt),
        [BpfProgramType.SkLookup] = new(BpfAttachType.SkLookup),
        [BpfProgramType.LircMode2] = new(BpfAttachType.LircMode2),
        [BpfProgramType.Netfilter] = new(BpfAttachType.Netfilter),
        [BpfProgramType.Syscall] = new(Flags: ProgramLoadFlags.Sleepable),
        [BpfProgramType.Tracing] = new(BpfAttachType.TraceRawTracePoint, Target: ProbeTargets.Tracepoint),
        [BpfProgramType.Lsm] = new(BpfAttachType.LsmMac, Target: ProbeTargets.SecurityHook),
    };

    internal static ProbeProgram Of(BpfProgramType type) => s_stated.GetValueOrDefault(type, s_plain);

    /// <summary>Loads the instructions; the caller closes the program.</summary>
    /// <exception cref="BpfException">The kernel's types, which have the target, cannot be read.</exception>
    internal ProgramLoader.Outcome Load(IKernel kernel, BpfProgramType type, params BpfInstruction[] code) => ProgramLoader.Load(kernel, new ProgramCode("probe", type, code)
    {
        License = "Dual BSD/GPL",
        ExpectedAttachType = Attach,
        Flags = Flags,
        AttachBtfId = Target?.Invoke(kernel) ?? 0,

        // Kernels before 5.0 require their own version for kprobe programs.
        KernelVersion = type == BpfProgramType.KProbe ? KernelVersion.Code(kernel) : 0,
    });
}

/// <summary>Targets of probes in the kernel, which every kernel with that kind of target has. 0 for a missing one.</summary>
internal static class ProbeTargets
{
    internal static int Tracepoint(IKernel kernel) => Find(kernel, "btf_trace_sched_switch", BtfKind.Typedef);

    internal static int SecurityHook(IKernel kernel) => Find(kernel, "bpf_lsm_file_open", BtfKind.Function);

    /// <summary>A function that exists for tests of tracing; only BPF's test run calls it.</summary>
    internal static int Function(IKernel kernel) => Find(kernel, "bpf_fentry_test1", BtfKind.Function);

    internal static int Iterator(IKernel kernel) => Find(kernel, "bpf_iter_task", BtfKind.Function);

    internal static int SocketSecurityHook(IKernel kernel) => Find(kernel, "bpf_lsm_socket_post_create", BtfKind.Function);

    private static int Find(IKernel kernel, string name, BtfKind kind)
    {
        using KernelBtf types = KernelBtf.Borrow(kernel);
        return types.Types.Find(name, kind);
    }
}
