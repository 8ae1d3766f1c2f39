using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>By what struct kernels know the context of each program type in a global function's parameters.</summary>
internal static class ContextTypes
{
    private static readonly Dictionary<BpfProgramType, string> s_names = new()
    {
        [BpfProgramType.CGroupDevice] = "bpf_cgroup_dev_ctx",
        [BpfProgramType.CGroupSkb] = "__sk_buff",
        [BpfProgramType.CGroupSock] = "bpf_sock",
        [BpfProgramType.CGroupSockAddr] = "bpf_sock_addr",
        [BpfProgramType.CGroupSockOpt] = "bpf_sockopt",
        [BpfProgramType.CGroupSysctl] = "bpf_sysctl",
        [BpfProgramType.FlowDissector] = "__sk_buff",
        [BpfProgramType.KProbe] = "bpf_user_pt_regs_t",
        [BpfProgramType.LwtIn] = "__sk_buff",
        [BpfProgramType.LwtOut] = "__sk_buff",
        [BpfProgramType.LwtSeg6Local] = "__sk_buff",
        [BpfProgramType.LwtXmit] = "__sk_buff",
        [BpfProgramType.Netfilter] = "bpf_nf_ctx",
        [BpfProgramType.PerfEvent] = "bpf_perf_event_data",
        [BpfProgramType.RawTracepoint] = "bpf_raw_tracepoint_args",
        [BpfProgramType.RawTracepointWritable] = "bpf_raw_tracepoint_args",
        [BpfProgramType.SchedAct] = "__sk_buff",
        [BpfProgramType.SchedCls] = "__sk_buff",
        [BpfProgramType.SkLookup] = "bpf_sk_lookup",
        [BpfProgramType.SkMsg] = "sk_msg_md",
        [BpfProgramType.SkReusePort] = "sk_reuseport_md",
        [BpfProgramType.SkSkb] = "__sk_buff",
        [BpfProgramType.SockOps] = "bpf_sock_ops",
        [BpfProgramType.SocketFilter] = "__sk_buff",
        [BpfProgramType.Xdp] = "xdp_md",
    };

    /// <summary>The struct; null for program types whose context has no name.</summary>
    public static string? NameOf(BpfProgramType program) => s_names.TryGetValue(program, out string? name) ? name : null;

    /// <summary>Whether a parameter tagged as the context is of a type that kernels without the tag do not take for it, and that may be given another.</summary>
    public static bool MustReplace(BtfTypes types, int parameterType, BpfProgramType program, string contextName)
    {
        BtfType pointer = types[types.SkipModifiers(parameterType)];
        if (pointer.Kind != BtfKind.Pointer)
        {
            return false;
        }

        BtfType target = types[pointer.TypeId];
        while (target.IsModifier && target.Kind != BtfKind.Typedef)
        {
            target = types[target.TypeId];
        }

        bool hasRegisters = program is BpfProgramType.KProbe or BpfProgramType.PerfEvent;
        if (target.Kind == BtfKind.Typedef && hasRegisters && target.Name == "bpf_user_pt_regs_t")
        {
            return false;
        }

        target = types[types.SkipModifiers(target.Id)];
        return target.Kind switch
        {
            BtfKind.Void => true,
            BtfKind.Struct => target.Name != contextName && hasRegisters && target.Name is "pt_regs" or "user_pt_regs",
            BtfKind.Int => target.Size == sizeof(ulong) && program is BpfProgramType.RawTracepoint or BpfProgramType.RawTracepointWritable,
            _ => false,
        };
    }
}
