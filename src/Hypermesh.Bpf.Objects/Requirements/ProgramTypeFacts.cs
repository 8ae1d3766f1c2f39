namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>The first kernel release with each program type, and the kernel option that enables it; empty when CONFIG_BPF_SYSCALL is enough.</summary>
internal static class ProgramTypeFacts
{
    // Releases from the commits that added them, as ebpf-docs lists them (data/feature-versions.yaml); options from the kernel's Kconfig and Makefiles. A kernel test
    // compares the releases with the types of the kernel it runs on.
    private static readonly Dictionary<BpfProgramType, (Version Since, string Option)> s_rows = new()
    {
        [BpfProgramType.SocketFilter] = (new(3, 19), "CONFIG_NET"),
        [BpfProgramType.KProbe] = (new(4, 1), "CONFIG_BPF_EVENTS"),
        [BpfProgramType.SchedCls] = (new(4, 1), "CONFIG_NET_CLS_BPF"),
        [BpfProgramType.SchedAct] = (new(4, 1), "CONFIG_NET_ACT_BPF"),
        [BpfProgramType.Tracepoint] = (new(4, 7), "CONFIG_BPF_EVENTS"),
        [BpfProgramType.Xdp] = (new(4, 8), "CONFIG_NET"),
        [BpfProgramType.PerfEvent] = (new(4, 9), "CONFIG_BPF_EVENTS"),
        [BpfProgramType.CGroupSkb] = (new(4, 10), "CONFIG_CGROUP_BPF"),
        [BpfProgramType.CGroupSock] = (new(4, 10), "CONFIG_CGROUP_BPF"),
        [BpfProgramType.LwtIn] = (new(4, 10), "CONFIG_LWTUNNEL_BPF"),
        [BpfProgramType.LwtOut] = (new(4, 10), "CONFIG_LWTUNNEL_BPF"),
        [BpfProgramType.LwtXmit] = (new(4, 10), "CONFIG_LWTUNNEL_BPF"),
        [BpfProgramType.SockOps] = (new(4, 13), "CONFIG_CGROUP_BPF"),
        [BpfProgramType.SkSkb] = (new(4, 14), "CONFIG_NET_SOCK_MSG"),
        [BpfProgramType.CGroupDevice] = (new(4, 15), "CONFIG_CGROUP_BPF"),
        [BpfProgramType.SkMsg] = (new(4, 17), "CONFIG_NET_SOCK_MSG"),
        [BpfProgramType.RawTracepoint] = (new(4, 17), "CONFIG_BPF_EVENTS"),
        [BpfProgramType.CGroupSockAddr] = (new(4, 17), "CONFIG_CGROUP_BPF"),
        [BpfProgramType.LwtSeg6Local] = (new(4, 18), "CONFIG_IPV6_SEG6_BPF"),
        [BpfProgramType.LircMode2] = (new(4, 18), "CONFIG_BPF_LIRC_MODE2"),
        [BpfProgramType.SkReusePort] = (new(4, 19), "CONFIG_INET"),
        [BpfProgramType.FlowDissector] = (new(4, 20), "CONFIG_NET"),
        [BpfProgramType.CGroupSysctl] = (new(5, 2), "CONFIG_CGROUP_BPF"),
        [BpfProgramType.RawTracepointWritable] = (new(5, 2), "CONFIG_BPF_EVENTS"),
        [BpfProgramType.CGroupSockOpt] = (new(5, 3), "CONFIG_CGROUP_BPF"),
        [BpfProgramType.Tracing] = (new(5, 5), "CONFIG_DEBUG_INFO_BTF"),
        [BpfProgramType.StructOps] = (new(5, 6), "CONFIG_DEBUG_INFO_BTF"),
        [BpfProgramType.Ext] = (new(5, 6), "CONFIG_BPF_JIT"),
        [BpfProgramType.Lsm] = (new(5, 7), "CONFIG_BPF_LSM"),
        [BpfProgramType.SkLookup] = (new(5, 9), "CONFIG_INET"),
        [BpfProgramType.Syscall] = (new(5, 14), ""),
        [BpfProgramType.Netfilter] = (new(6, 4), "CONFIG_NETFILTER_BPF_LINK"),
    };

    /// <summary>The types in the table.</summary>
    internal static IEnumerable<BpfProgramType> All => s_rows.Keys;

    /// <summary>Returns the first release that has a type; null for a type that is not in the table.</summary>
    internal static Version? Since(BpfProgramType type) => s_rows.TryGetValue(type, out (Version Since, string Option) row) ? row.Since : null;

    /// <summary>Returns the kernel option that enables a type; empty when none is known.</summary>
    internal static string Option(BpfProgramType type) => s_rows.TryGetValue(type, out (Version Since, string Option) row) ? row.Option : "";
}

/// <summary>The first kernel release with each attach type, for those that are newer than their program type.</summary>
internal static class AttachTypeFacts
{
    // From the commits that added them, as ebpf-docs lists them (data/feature-versions.yaml). A kernel test compares each with the types of the kernel it runs on.
    private static readonly Dictionary<BpfAttachType, Version> s_rows = new()
    {
        [BpfAttachType.ModifyReturn] = new(5, 7),
        [BpfAttachType.TraceIter] = new(5, 8),
        [BpfAttachType.CGroupInet4GetPeerName] = new(5, 8),
        [BpfAttachType.CGroupInet6GetPeerName] = new(5, 8),
        [BpfAttachType.CGroupInet4GetSockName] = new(5, 8),
        [BpfAttachType.CGroupInet6GetSockName] = new(5, 8),
        [BpfAttachType.XdpDevMap] = new(5, 8),
        [BpfAttachType.CGroupInetSockRelease] = new(5, 9),
        [BpfAttachType.XdpCpuMap] = new(5, 9),
        [BpfAttachType.SkSkbVerdict] = new(5, 13),
        [BpfAttachType.SkReusePortSelect] = new(5, 14),
        [BpfAttachType.SkReusePortSelectOrMigrate] = new(5, 14),
        [BpfAttachType.TraceKProbeMulti] = new(5, 18),
        [BpfAttachType.LsmCGroup] = new(6, 0),
        [BpfAttachType.TcxIngress] = new(6, 6),
        [BpfAttachType.TcxEgress] = new(6, 6),
        [BpfAttachType.TraceUProbeMulti] = new(6, 6),
        [BpfAttachType.NetkitPrimary] = new(6, 7),
        [BpfAttachType.NetkitPeer] = new(6, 7),
        [BpfAttachType.CGroupUnixConnect] = new(6, 7),
        [BpfAttachType.CGroupUnixSendMsg] = new(6, 7),
        [BpfAttachType.CGroupUnixRecvMsg] = new(6, 7),
        [BpfAttachType.CGroupUnixGetPeerName] = new(6, 7),
        [BpfAttachType.CGroupUnixGetSockName] = new(6, 7),
        [BpfAttachType.TraceKProbeSession] = new(6, 10),
        [BpfAttachType.TraceUProbeSession] = new(6, 13),
        [BpfAttachType.TraceFSession] = new(7, 0),
        [BpfAttachType.TraceFEntryMulti] = new(7, 2),
        [BpfAttachType.TraceFExitMulti] = new(7, 2),
        [BpfAttachType.TraceFSessionMulti] = new(7, 2),
    };

    /// <summary>The attach types in the table.</summary>
    internal static IEnumerable<BpfAttachType> All => s_rows.Keys;

    /// <summary>Returns the first release that has an attach type; null for one that is not in the table.</summary>
    internal static Version? Since(BpfAttachType type) => s_rows.TryGetValue(type, out Version? since) ? since : null;
}
