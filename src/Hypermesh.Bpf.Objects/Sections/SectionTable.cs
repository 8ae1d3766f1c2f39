namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>
/// The section names of programs, in libbpf's order. The first match wins, so a longer name comes before
/// a shorter one.
/// </summary>
internal static class SectionTable
{
    /// <summary>All rows.</summary>
    public static IReadOnlyList<SectionDefinition> Rows { get; } =
    [
        new("socket", SectionMatch.Exact, BpfProgramType.SocketFilter, default, SectionFlags.None, AttachKind.SocketFilter),
        new("sk_reuseport/migrate", SectionMatch.Exact, BpfProgramType.SkReusePort, BpfAttachType.SkReusePortSelectOrMigrate, SectionFlags.AttachTypeRequired, AttachKind.ReusePort),
        new("sk_reuseport", SectionMatch.Exact, BpfProgramType.SkReusePort, BpfAttachType.SkReusePortSelect, SectionFlags.AttachTypeRequired, AttachKind.ReusePort),
        new("kprobe", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.None, AttachKind.KProbe),
        new("uprobe", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.None, AttachKind.UProbe),
        new("uprobe.s", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.Sleepable, AttachKind.UProbe),
        new("kretprobe", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.None, AttachKind.KProbe) { IsReturn = true },
        new("uretprobe", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.None, AttachKind.UProbe) { IsReturn = true },
        new("uretprobe.s", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.Sleepable, AttachKind.UProbe) { IsReturn = true },
        new("kprobe.multi", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceKProbeMulti, SectionFlags.None, AttachKind.KProbeMulti),
        new("kretprobe.multi", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceKProbeMulti, SectionFlags.None, AttachKind.KProbeMulti) { IsReturn = true },
        new("kprobe.session", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceKProbeSession, SectionFlags.None, AttachKind.KProbeSession),
        new("uprobe.multi", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceUProbeMulti, SectionFlags.None, AttachKind.UProbeMulti),
        new("uretprobe.multi", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceUProbeMulti, SectionFlags.None, AttachKind.UProbeMulti) { IsReturn = true },
        new("uprobe.session", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceUProbeSession, SectionFlags.None, AttachKind.UProbeMulti),
        new("uprobe.multi.s", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceUProbeMulti, SectionFlags.Sleepable, AttachKind.UProbeMulti),
        new("uretprobe.multi.s", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceUProbeMulti, SectionFlags.Sleepable, AttachKind.UProbeMulti) { IsReturn = true },
        new("uprobe.session.s", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, BpfAttachType.TraceUProbeSession, SectionFlags.Sleepable, AttachKind.UProbeMulti),
        new("ksyscall", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.None, AttachKind.KernelSyscall),
        new("kretsyscall", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.None, AttachKind.KernelSyscall) { IsReturn = true },
        new("usdt", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.Usdt, AttachKind.Usdt),
        new("usdt.s", SectionMatch.NameOrPrefix, BpfProgramType.KProbe, default, SectionFlags.Usdt | SectionFlags.Sleepable, AttachKind.Usdt),
        new("tc/ingress", SectionMatch.Exact, BpfProgramType.SchedCls, BpfAttachType.TcxIngress, SectionFlags.None, AttachKind.Tcx),
        new("tc/egress", SectionMatch.Exact, BpfProgramType.SchedCls, BpfAttachType.TcxEgress, SectionFlags.None, AttachKind.Tcx),
        new("tcx/ingress", SectionMatch.Exact, BpfProgramType.SchedCls, BpfAttachType.TcxIngress, SectionFlags.None, AttachKind.Tcx),
        new("tcx/egress", SectionMatch.Exact, BpfProgramType.SchedCls, BpfAttachType.TcxEgress, SectionFlags.None, AttachKind.Tcx),
        new("tc", SectionMatch.Exact, BpfProgramType.SchedCls, default, SectionFlags.None, AttachKind.TrafficControl),
        new("classifier", SectionMatch.Exact, BpfProgramType.SchedCls, default, SectionFlags.None, AttachKind.TrafficControl),
        new("action", SectionMatch.Exact, BpfProgramType.SchedAct, default, SectionFlags.None, AttachKind.TrafficAction),
        new("netkit/primary", SectionMatch.Exact, BpfProgramType.SchedCls, BpfAttachType.NetkitPrimary, SectionFlags.None, AttachKind.Netkit),
        new("netkit/peer", SectionMatch.Exact, BpfProgramType.SchedCls, BpfAttachType.NetkitPeer, SectionFlags.None, AttachKind.Netkit),
        new("tracepoint", SectionMatch.NameOrPrefix, BpfProgramType.Tracepoint, default, SectionFlags.None, AttachKind.Tracepoint),
        new("tp", SectionMatch.NameOrPrefix, BpfProgramType.Tracepoint, default, SectionFlags.None, AttachKind.Tracepoint),
        new("tracepoint.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracepoint, default, SectionFlags.Sleepable, AttachKind.Tracepoint),
        new("tp.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracepoint, default, SectionFlags.Sleepable, AttachKind.Tracepoint),
        new("raw_tracepoint", SectionMatch.NameOrPrefix, BpfProgramType.RawTracepoint, default, SectionFlags.None, AttachKind.RawTracepoint),
        new("raw_tp", SectionMatch.NameOrPrefix, BpfProgramType.RawTracepoint, default, SectionFlags.None, AttachKind.RawTracepoint),
        new("raw_tracepoint.s", SectionMatch.NameOrPrefix, BpfProgramType.RawTracepoint, default, SectionFlags.Sleepable, AttachKind.RawTracepoint),
        new("raw_tp.s", SectionMatch.NameOrPrefix, BpfProgramType.RawTracepoint, default, SectionFlags.Sleepable, AttachKind.RawTracepoint),
        new("raw_tracepoint.w", SectionMatch.NameOrPrefix, BpfProgramType.RawTracepointWritable, default, SectionFlags.None, AttachKind.RawTracepoint),
        new("raw_tp.w", SectionMatch.NameOrPrefix, BpfProgramType.RawTracepointWritable, default, SectionFlags.None, AttachKind.RawTracepoint),
        new("tp_btf", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceRawTracePoint, SectionFlags.BtfTarget, AttachKind.Trace),
        new("tp_btf.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceRawTracePoint, SectionFlags.BtfTarget | SectionFlags.Sleepable, AttachKind.Trace),
        new("fentry", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFEntry, SectionFlags.BtfTarget, AttachKind.Trace),
        new("fmod_ret", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.ModifyReturn, SectionFlags.BtfTarget, AttachKind.Trace),
        new("fexit", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFExit, SectionFlags.BtfTarget, AttachKind.Trace),
        new("fentry.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFEntry, SectionFlags.BtfTarget | SectionFlags.Sleepable, AttachKind.Trace),
        new("fmod_ret.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.ModifyReturn, SectionFlags.BtfTarget | SectionFlags.Sleepable, AttachKind.Trace),
        new("fexit.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFExit, SectionFlags.BtfTarget | SectionFlags.Sleepable, AttachKind.Trace),
        new("fsession", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFSession, SectionFlags.BtfTarget, AttachKind.Trace),
        new("fsession.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFSession, SectionFlags.BtfTarget | SectionFlags.Sleepable, AttachKind.Trace),
        new("fsession.multi", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFSessionMulti, SectionFlags.None, AttachKind.TraceMulti),
        new("fsession.multi.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFSessionMulti, SectionFlags.Sleepable, AttachKind.TraceMulti),
        new("fentry.multi", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFEntryMulti, SectionFlags.None, AttachKind.TraceMulti),
        new("fexit.multi", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFExitMulti, SectionFlags.None, AttachKind.TraceMulti),
        new("fentry.multi.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFEntryMulti, SectionFlags.Sleepable, AttachKind.TraceMulti),
        new("fexit.multi.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceFExitMulti, SectionFlags.Sleepable, AttachKind.TraceMulti),
        new("freplace", SectionMatch.NameOrPrefix, BpfProgramType.Ext, default, SectionFlags.BtfTarget, AttachKind.Extension),
        new("lsm", SectionMatch.NameOrPrefix, BpfProgramType.Lsm, BpfAttachType.LsmMac, SectionFlags.BtfTarget, AttachKind.Lsm),
        new("lsm.s", SectionMatch.NameOrPrefix, BpfProgramType.Lsm, BpfAttachType.LsmMac, SectionFlags.BtfTarget | SectionFlags.Sleepable, AttachKind.Lsm),
        new("lsm_cgroup", SectionMatch.NameOrPrefix, BpfProgramType.Lsm, BpfAttachType.LsmCGroup, SectionFlags.BtfTarget, AttachKind.CGroup),
        new("iter", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceIter, SectionFlags.BtfTarget, AttachKind.Iterator),
        new("iter.s", SectionMatch.NameOrPrefix, BpfProgramType.Tracing, BpfAttachType.TraceIter, SectionFlags.BtfTarget | SectionFlags.Sleepable, AttachKind.Iterator),
        new("syscall", SectionMatch.Exact, BpfProgramType.Syscall, default, SectionFlags.Sleepable, AttachKind.Syscall),
        new("xdp.frags/devmap", SectionMatch.Exact, BpfProgramType.Xdp, BpfAttachType.XdpDevMap, SectionFlags.XdpFrags, AttachKind.MapEntry),
        new("xdp/devmap", SectionMatch.Exact, BpfProgramType.Xdp, BpfAttachType.XdpDevMap, SectionFlags.AttachTypeRequired, AttachKind.MapEntry),
        new("xdp.frags/cpumap", SectionMatch.Exact, BpfProgramType.Xdp, BpfAttachType.XdpCpuMap, SectionFlags.XdpFrags, AttachKind.MapEntry),
        new("xdp/cpumap", SectionMatch.Exact, BpfProgramType.Xdp, BpfAttachType.XdpCpuMap, SectionFlags.AttachTypeRequired, AttachKind.MapEntry),
        new("xdp.frags", SectionMatch.Exact, BpfProgramType.Xdp, BpfAttachType.Xdp, SectionFlags.XdpFrags, AttachKind.Xdp),
        new("xdp", SectionMatch.Exact, BpfProgramType.Xdp, BpfAttachType.Xdp, SectionFlags.AttachTypeOptional, AttachKind.Xdp),
        new("perf_event", SectionMatch.Exact, BpfProgramType.PerfEvent, default, SectionFlags.None, AttachKind.PerfEvent),
        new("lwt_in", SectionMatch.Exact, BpfProgramType.LwtIn, default, SectionFlags.None, AttachKind.Route),
        new("lwt_out", SectionMatch.Exact, BpfProgramType.LwtOut, default, SectionFlags.None, AttachKind.Route),
        new("lwt_xmit", SectionMatch.Exact, BpfProgramType.LwtXmit, default, SectionFlags.None, AttachKind.Route),
        new("lwt_seg6local", SectionMatch.Exact, BpfProgramType.LwtSeg6Local, default, SectionFlags.None, AttachKind.Route),
        new("sockops", SectionMatch.Exact, BpfProgramType.SockOps, BpfAttachType.CGroupSockOps, SectionFlags.AttachTypeOptional, AttachKind.CGroup),
        new("sk_skb/stream_parser", SectionMatch.Exact, BpfProgramType.SkSkb, BpfAttachType.SkSkbStreamParser, SectionFlags.AttachTypeOptional, AttachKind.SockMap),
        new("sk_skb/stream_verdict", SectionMatch.Exact, BpfProgramType.SkSkb, BpfAttachType.SkSkbStreamVerdict, SectionFlags.AttachTypeOptional, AttachKind.SockMap),
        new("sk_skb/verdict", SectionMatch.Exact, BpfProgramType.SkSkb, BpfAttachType.SkSkbVerdict, SectionFlags.AttachTypeOptional, AttachKind.SockMap),
        new("sk_skb", SectionMatch.Exact, BpfProgramType.SkSkb, default, SectionFlags.None, AttachKind.SockMapPart),
        new("sk_msg", SectionMatch.Exact, BpfProgramType.SkMsg, BpfAttachType.SkMsgVerdict, SectionFlags.AttachTypeOptional, AttachKind.SockMap),
        new("lirc_mode2", SectionMatch.Exact, BpfProgramType.LircMode2, BpfAttachType.LircMode2, SectionFlags.AttachTypeOptional, AttachKind.Lirc),
        new("flow_dissector", SectionMatch.Exact, BpfProgramType.FlowDissector, BpfAttachType.FlowDissector, SectionFlags.AttachTypeOptional, AttachKind.NetworkNamespace),
        new("cgroup_skb/ingress", SectionMatch.Exact, BpfProgramType.CGroupSkb, BpfAttachType.CGroupInetIngress, SectionFlags.AttachTypeOptional, AttachKind.CGroup),
        new("cgroup_skb/egress", SectionMatch.Exact, BpfProgramType.CGroupSkb, BpfAttachType.CGroupInetEgress, SectionFlags.AttachTypeOptional, AttachKind.CGroup),
        new("cgroup/skb", SectionMatch.Exact, BpfProgramType.CGroupSkb, default, SectionFlags.None, AttachKind.CGroupPackets),
        new("cgroup/sock_create", SectionMatch.Exact, BpfProgramType.CGroupSock, BpfAttachType.CGroupInetSockCreate, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/sock_release", SectionMatch.Exact, BpfProgramType.CGroupSock, BpfAttachType.CGroupInetSockRelease, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/sock", SectionMatch.Exact, BpfProgramType.CGroupSock, BpfAttachType.CGroupInetSockCreate, SectionFlags.AttachTypeOptional, AttachKind.CGroup),
        new("cgroup/post_bind4", SectionMatch.Exact, BpfProgramType.CGroupSock, BpfAttachType.CGroupInet4PostBind, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/post_bind6", SectionMatch.Exact, BpfProgramType.CGroupSock, BpfAttachType.CGroupInet6PostBind, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/bind4", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet4Bind, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/bind6", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet6Bind, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/connect4", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet4Connect, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/connect6", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet6Connect, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/connect_unix", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUnixConnect, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/sendmsg4", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUdp4SendMsg, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/sendmsg6", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUdp6SendMsg, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/sendmsg_unix", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUnixSendMsg, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/recvmsg4", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUdp4RecvMsg, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/recvmsg6", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUdp6RecvMsg, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/recvmsg_unix", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUnixRecvMsg, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/getpeername4", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet4GetPeerName, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/getpeername6", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet6GetPeerName, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/getpeername_unix", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUnixGetPeerName, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/getsockname4", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet4GetSockName, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/getsockname6", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet6GetSockName, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/getsockname_unix", SectionMatch.Exact, BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupUnixGetSockName, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/sysctl", SectionMatch.Exact, BpfProgramType.CGroupSysctl, BpfAttachType.CGroupSysctl, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/getsockopt", SectionMatch.Exact, BpfProgramType.CGroupSockOpt, BpfAttachType.CGroupGetSockOpt, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/setsockopt", SectionMatch.Exact, BpfProgramType.CGroupSockOpt, BpfAttachType.CGroupSetSockOpt, SectionFlags.AttachTypeRequired, AttachKind.CGroup),
        new("cgroup/dev", SectionMatch.Exact, BpfProgramType.CGroupDevice, BpfAttachType.CGroupDevice, SectionFlags.AttachTypeOptional, AttachKind.CGroup),
        new("struct_ops", SectionMatch.NameOrPrefix, BpfProgramType.StructOps, default, SectionFlags.None, AttachKind.StructOps),
        new("struct_ops.s", SectionMatch.NameOrPrefix, BpfProgramType.StructOps, default, SectionFlags.Sleepable, AttachKind.StructOps),
        new("sk_lookup", SectionMatch.Exact, BpfProgramType.SkLookup, BpfAttachType.SkLookup, SectionFlags.AttachTypeRequired, AttachKind.NetworkNamespace),
        new("netfilter", SectionMatch.Exact, BpfProgramType.Netfilter, BpfAttachType.Netfilter, SectionFlags.None, AttachKind.Netfilter),
    ];

    /// <summary>Finds the row of a section.</summary>
    /// <param name="sectionName">The section's name without a leading <c>?</c>.</param>
    /// <returns>The row, or <see cref="SectionDefinition.Unknown"/>.</returns>
    public static SectionDefinition Find(string sectionName)
    {
        foreach (SectionDefinition row in Rows)
        {
            if (row.Matches(sectionName))
            {
                return row;
            }
        }

        return SectionDefinition.Unknown;
    }
}
