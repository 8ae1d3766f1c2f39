using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Programs;

/// <summary>The capabilities that loading a program requires besides CAP_BPF (since 5.8: tracing CAP_PERFMON, networking CAP_NET_ADMIN).</summary>
internal static class ProgramCapabilities
{
    private static readonly HashSet<BpfProgramType> s_tracing =
    [
        BpfProgramType.KProbe, BpfProgramType.Tracepoint, BpfProgramType.PerfEvent, BpfProgramType.RawTracepoint,
        BpfProgramType.RawTracepointWritable, BpfProgramType.Tracing, BpfProgramType.Lsm, BpfProgramType.StructOps, BpfProgramType.Ext,
    ];

    // Types that require neither, as in the kernel's is_net_admin_prog_type.
    private static readonly HashSet<BpfProgramType> s_plain =
    [
        BpfProgramType.SocketFilter, BpfProgramType.CGroupSkb, BpfProgramType.Syscall, BpfProgramType.LircMode2, BpfProgramType.SkLookup, BpfProgramType.SkReusePort,
    ];

    /// <summary>The capabilities that an object requires: for the programs to load, and for untyped kernel symbols.</summary>
    internal static Capabilities Of(BpfObjectSpec spec)
        => spec.Programs.Where(spec.IsWanted).Aggregate(Capabilities.Bpf, static (sum, program) => sum | Of(program.Type))
            | (spec.Externs.Any(static e => e.Kind == BpfExternKind.Address) ? Capabilities.Syslog : Capabilities.None);

    internal static Capabilities Of(BpfProgramType type)
        => Capabilities.Bpf

            // A replacement of a function can be for tracing or networking programs.
            | (type == BpfProgramType.Ext ? Capabilities.NetAdmin : Capabilities.None)
            | (s_tracing.Contains(type) ? Capabilities.PerfMon : s_plain.Contains(type) ? Capabilities.None : Capabilities.NetAdmin);
}
