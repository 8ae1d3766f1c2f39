using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Probing;

/// <summary>How a program of a type is loaded when nothing but its type is of interest.</summary>
/// <param name="Attach">The attach type the load must state.</param>
/// <param name="Flags">Flags the type cannot do without.</param>
/// <param name="Target">Finds the kernel type the program is for; null for types that have none.</param>
internal sealed record ProbeProgram(BpfAttachType Attach = 0, ProgramLoadFlags Flags = ProgramLoadFlags.None, Func<IKernel, int>? Target = null)
{
    private static readonly ProbeProgram s_plain = new();

    // What libbpf states for them; every other type loads with nothing stated.
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

    /// <summary>Loads the instructions; what was loaded is the caller's to close.</summary>
    /// <exception cref="BpfException">The kernel's types, which the target is looked for in, cannot be had.</exception>
    internal ProgramLoader.Outcome Load(IKernel kernel, BpfProgramType type, params BpfInstruction[] code) => ProgramLoader.Load(kernel, new ProgramCode("probe", type, code)
    {
        License = "Dual BSD/GPL",
        ExpectedAttachType = Attach,
        Flags = Flags,
        AttachBtfId = Target?.Invoke(kernel) ?? 0,

        // Kprobes of kernels before 5.0 must state the one they were made for.
        KernelVersion = type == BpfProgramType.KProbe ? KernelVersion.Code(kernel) : 0,
    });
}

/// <summary>Places in the kernel that trials are aimed at: things every kernel has that has the kind at all. 0 for one that is not there.</summary>
internal static class ProbeTargets
{
    internal static int Tracepoint(IKernel kernel) => Find(kernel, "btf_trace_sched_switch", BtfKind.Typedef);

    internal static int SecurityHook(IKernel kernel) => Find(kernel, "bpf_lsm_file_open", BtfKind.Function);

    /// <summary>A function that is there to be traced by trials, and that nothing calls but BPF's own test run.</summary>
    internal static int Function(IKernel kernel) => Find(kernel, "bpf_fentry_test1", BtfKind.Function);

    internal static int Iterator(IKernel kernel) => Find(kernel, "bpf_iter_task", BtfKind.Function);

    internal static int SocketSecurityHook(IKernel kernel) => Find(kernel, "bpf_lsm_socket_post_create", BtfKind.Function);

    private static int Find(IKernel kernel, string name, BtfKind kind)
    {
        using KernelBtf types = KernelBtf.Borrow(kernel);
        return types.Types.Find(name, kind);
    }
}
