using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf;

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
