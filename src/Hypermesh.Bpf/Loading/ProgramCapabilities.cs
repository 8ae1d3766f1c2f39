namespace Hypermesh.Bpf.Loading;

/// <summary>Which capabilities loading a program takes besides CAP_BPF (since 5.8: tracing CAP_PERFMON, networking CAP_NET_ADMIN).</summary>
internal static class ProgramCapabilities
{
    private static readonly HashSet<BpfProgramType> s_tracing =
    [
        BpfProgramType.KProbe, BpfProgramType.Tracepoint, BpfProgramType.PerfEvent, BpfProgramType.RawTracepoint,
        BpfProgramType.RawTracepointWritable, BpfProgramType.Tracing, BpfProgramType.Lsm, BpfProgramType.StructOps, BpfProgramType.Ext,
    ];

    // Those an unprivileged process may load too, where it is allowed to at all.
    private static readonly HashSet<BpfProgramType> s_plain = [BpfProgramType.SocketFilter, BpfProgramType.CGroupSkb, BpfProgramType.Syscall, BpfProgramType.LircMode2];

    internal static Capabilities Of(BpfProgramType type)
        => Capabilities.Bpf
            | (s_tracing.Contains(type) ? Capabilities.PerfMon : s_plain.Contains(type) ? Capabilities.None : Capabilities.NetAdmin);
}
