namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// Loads the smallest program of a kind, for the same target, by the tests' own system calls. A kernel's policy may refuse a kind of program, or a target, to everyone; then it refuses
/// the canary like the program of the test. A canary that is accepted, or refused with another errno, shows that the fault is ours.
/// </summary>
internal sealed class Canary
{
    private const string Types = "bpf_prog_type";
    private const string Attaches = "bpf_attach_type";

    // By a section's name without what it is attached to: the program type, the attach type (with a question mark where older kernels need none), and the prefix of the target's name in the kernel's types.
    private static readonly (string Section, string Type, string? Attach, string? Target)[] s_kinds =
    [
        ("fentry.multi", "BPF_PROG_TYPE_TRACING", "BPF_TRACE_FENTRY_MULTI", null),
        ("fexit.multi", "BPF_PROG_TYPE_TRACING", "BPF_TRACE_FEXIT_MULTI", null),
        ("fsession.multi", "BPF_PROG_TYPE_TRACING", "BPF_TRACE_FSESSION_MULTI", null),
        ("fentry", "BPF_PROG_TYPE_TRACING", "BPF_TRACE_FENTRY", ""),
        ("fexit", "BPF_PROG_TYPE_TRACING", "BPF_TRACE_FEXIT", ""),
        ("fmod_ret", "BPF_PROG_TYPE_TRACING", "BPF_MODIFY_RETURN", ""),
        ("fsession", "BPF_PROG_TYPE_TRACING", "BPF_TRACE_FSESSION", ""),
        ("freplace", "BPF_PROG_TYPE_EXT", null, null),
        ("tp_btf", "BPF_PROG_TYPE_TRACING", "BPF_TRACE_RAW_TP", "btf_trace_"),
        ("iter", "BPF_PROG_TYPE_TRACING", "BPF_TRACE_ITER", "bpf_iter_"),
        ("lsm_cgroup", "BPF_PROG_TYPE_LSM", "BPF_LSM_CGROUP", "bpf_lsm_"),
        ("lsm", "BPF_PROG_TYPE_LSM", "BPF_LSM_MAC", "bpf_lsm_"),
        ("kprobe.multi", "BPF_PROG_TYPE_KPROBE", "BPF_TRACE_KPROBE_MULTI", null),
        ("kretprobe.multi", "BPF_PROG_TYPE_KPROBE", "BPF_TRACE_KPROBE_MULTI", null),
        ("kprobe.session", "BPF_PROG_TYPE_KPROBE", "BPF_TRACE_KPROBE_SESSION", null),
        ("uprobe.multi", "BPF_PROG_TYPE_KPROBE", "BPF_TRACE_UPROBE_MULTI", null),
        ("uretprobe.multi", "BPF_PROG_TYPE_KPROBE", "BPF_TRACE_UPROBE_MULTI", null),
        ("uprobe.session", "BPF_PROG_TYPE_KPROBE", "BPF_TRACE_UPROBE_SESSION", null),
        ("kprobe", "BPF_PROG_TYPE_KPROBE", null, null),
        ("kretprobe", "BPF_PROG_TYPE_KPROBE", null, null),
        ("ksyscall", "BPF_PROG_TYPE_KPROBE", null, null),
        ("kretsyscall", "BPF_PROG_TYPE_KPROBE", null, null),
        ("uprobe", "BPF_PROG_TYPE_KPROBE", null, null),
        ("uretprobe", "BPF_PROG_TYPE_KPROBE", null, null),
        ("usdt", "BPF_PROG_TYPE_KPROBE", null, null),
        ("tracepoint", "BPF_PROG_TYPE_TRACEPOINT", null, null),
        ("tp", "BPF_PROG_TYPE_TRACEPOINT", null, null),
        ("raw_tracepoint.w", "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE", null, null),
        ("raw_tp.w", "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE", null, null),
        ("raw_tracepoint", "BPF_PROG_TYPE_RAW_TRACEPOINT", null, null),
        ("raw_tp", "BPF_PROG_TYPE_RAW_TRACEPOINT", null, null),
        ("perf_event", "BPF_PROG_TYPE_PERF_EVENT", null, null),
        ("xdp/devmap", "BPF_PROG_TYPE_XDP", "BPF_XDP_DEVMAP", null),
        ("xdp/cpumap", "BPF_PROG_TYPE_XDP", "BPF_XDP_CPUMAP", null),
        ("xdp.frags", "BPF_PROG_TYPE_XDP", "BPF_XDP", null),
        ("xdp", "BPF_PROG_TYPE_XDP", "BPF_XDP", null),
        ("tcx/ingress", "BPF_PROG_TYPE_SCHED_CLS", "BPF_TCX_INGRESS", null),
        ("tcx/egress", "BPF_PROG_TYPE_SCHED_CLS", "BPF_TCX_EGRESS", null),
        ("netkit/primary", "BPF_PROG_TYPE_SCHED_CLS", "BPF_NETKIT_PRIMARY", null),
        ("netkit/peer", "BPF_PROG_TYPE_SCHED_CLS", "BPF_NETKIT_PEER", null),
        ("tc", "BPF_PROG_TYPE_SCHED_CLS", null, null),
        ("classifier", "BPF_PROG_TYPE_SCHED_CLS", null, null),
        ("action", "BPF_PROG_TYPE_SCHED_ACT", null, null),
        ("netfilter", "BPF_PROG_TYPE_NETFILTER", "BPF_NETFILTER", null),
        ("sk_lookup", "BPF_PROG_TYPE_SK_LOOKUP", "BPF_SK_LOOKUP", null),
        ("sk_reuseport/migrate", "BPF_PROG_TYPE_SK_REUSEPORT", "BPF_SK_REUSEPORT_SELECT_OR_MIGRATE", null),
        ("sk_reuseport", "BPF_PROG_TYPE_SK_REUSEPORT", "?BPF_SK_REUSEPORT_SELECT", null),
        ("sk_skb/stream_parser", "BPF_PROG_TYPE_SK_SKB", "BPF_SK_SKB_STREAM_PARSER", null),
        ("sk_skb/stream_verdict", "BPF_PROG_TYPE_SK_SKB", "BPF_SK_SKB_STREAM_VERDICT", null),
        ("sk_skb/verdict", "BPF_PROG_TYPE_SK_SKB", "BPF_SK_SKB_VERDICT", null),
        ("sk_skb", "BPF_PROG_TYPE_SK_SKB", null, null),
        ("sk_msg", "BPF_PROG_TYPE_SK_MSG", "BPF_SK_MSG_VERDICT", null),
        ("flow_dissector", "BPF_PROG_TYPE_FLOW_DISSECTOR", "BPF_FLOW_DISSECTOR", null),
        ("socket", "BPF_PROG_TYPE_SOCKET_FILTER", null, null),
        ("sockops", "BPF_PROG_TYPE_SOCK_OPS", "BPF_CGROUP_SOCK_OPS", null),
        ("lwt_in", "BPF_PROG_TYPE_LWT_IN", null, null),
        ("lwt_out", "BPF_PROG_TYPE_LWT_OUT", null, null),
        ("lwt_xmit", "BPF_PROG_TYPE_LWT_XMIT", null, null),
        ("lwt_seg6local", "BPF_PROG_TYPE_LWT_SEG6LOCAL", null, null),
        ("lirc_mode2", "BPF_PROG_TYPE_LIRC_MODE2", "BPF_LIRC_MODE2", null),
        ("syscall", "BPF_PROG_TYPE_SYSCALL", null, null),
        ("cgroup_skb/ingress", "BPF_PROG_TYPE_CGROUP_SKB", "BPF_CGROUP_INET_INGRESS", null),
        ("cgroup_skb/egress", "BPF_PROG_TYPE_CGROUP_SKB", "BPF_CGROUP_INET_EGRESS", null),
        ("cgroup/skb", "BPF_PROG_TYPE_CGROUP_SKB", null, null),
        ("cgroup/sock_create", "BPF_PROG_TYPE_CGROUP_SOCK", "BPF_CGROUP_INET_SOCK_CREATE", null),
        ("cgroup/sock_release", "BPF_PROG_TYPE_CGROUP_SOCK", "BPF_CGROUP_INET_SOCK_RELEASE", null),
        ("cgroup/post_bind4", "BPF_PROG_TYPE_CGROUP_SOCK", "BPF_CGROUP_INET4_POST_BIND", null),
        ("cgroup/post_bind6", "BPF_PROG_TYPE_CGROUP_SOCK", "BPF_CGROUP_INET6_POST_BIND", null),
        ("cgroup/sock", "BPF_PROG_TYPE_CGROUP_SOCK", "BPF_CGROUP_INET_SOCK_CREATE", null),
        ("cgroup/dev", "BPF_PROG_TYPE_CGROUP_DEVICE", "BPF_CGROUP_DEVICE", null),
        ("cgroup/sysctl", "BPF_PROG_TYPE_CGROUP_SYSCTL", "BPF_CGROUP_SYSCTL", null),
        ("cgroup/getsockopt", "BPF_PROG_TYPE_CGROUP_SOCKOPT", "BPF_CGROUP_GETSOCKOPT", null),
        ("cgroup/setsockopt", "BPF_PROG_TYPE_CGROUP_SOCKOPT", "BPF_CGROUP_SETSOCKOPT", null),
        ("cgroup/bind4", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_INET4_BIND", null),
        ("cgroup/bind6", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_INET6_BIND", null),
        ("cgroup/connect4", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_INET4_CONNECT", null),
        ("cgroup/connect6", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_INET6_CONNECT", null),
        ("cgroup/connect_unix", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UNIX_CONNECT", null),
        ("cgroup/getpeername4", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_INET4_GETPEERNAME", null),
        ("cgroup/getpeername6", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_INET6_GETPEERNAME", null),
        ("cgroup/getpeername_unix", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UNIX_GETPEERNAME", null),
        ("cgroup/getsockname4", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_INET4_GETSOCKNAME", null),
        ("cgroup/getsockname6", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_INET6_GETSOCKNAME", null),
        ("cgroup/getsockname_unix", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UNIX_GETSOCKNAME", null),
        ("cgroup/sendmsg4", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UDP4_SENDMSG", null),
        ("cgroup/sendmsg6", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UDP6_SENDMSG", null),
        ("cgroup/sendmsg_unix", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UNIX_SENDMSG", null),
        ("cgroup/recvmsg4", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UDP4_RECVMSG", null),
        ("cgroup/recvmsg6", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UDP6_RECVMSG", null),
        ("cgroup/recvmsg_unix", "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_CGROUP_UNIX_RECVMSG", null),
    ];

    private readonly string _section;
    private readonly string _target;
    private readonly (string Section, string Type, string? Attach, string? Target) _kind;

    private Canary(string section)
    {
        _section = section;
        string name = section.TrimStart('?');
        int end = name.IndexOf('/', StringComparison.Ordinal);
        string head = end < 0 ? name : name[..end];
        _target = end < 0 ? "" : name[(end + 1)..];
        MaySleep = head.EndsWith(".s", StringComparison.Ordinal);
        string bare = MaySleep ? head[..^2] : head;
        string whole = end < 0 ? bare : $"{bare}/{_target}";
        _kind = s_kinds.FirstOrDefault(kind => kind.Section == whole);
        _kind = _kind.Type is null ? s_kinds.FirstOrDefault(kind => kind.Section == bare) : _kind;
    }

    /// <summary>True where the table has the kind.</summary>
    internal bool IsKnown => _kind.Type is not null;

    private bool MaySleep { get; }

    /// <summary>The canary of a section of C.</summary>
    internal static Canary Of(string section) => new(section);

    /// <summary>Tries, and skips the test where the canary is refused as the program was.</summary>
    /// <param name="section">The C section of the program the attempt loads and attaches.</param>
    /// <param name="attempt">Loads and attaches.</param>
    internal static T OrSkip<T>(string section, Func<T> attempt)
    {
        try
        {
            return attempt();
        }
        catch (BpfSyscallException refused) when (Of(section).IsRefusedLike(refused))
        {
            Assert.Skip(Of(section).Reason(refused.Errno));
            throw;
        }
    }

    /// <summary>The reason of a skip: the same text on every machine.</summary>
    internal string Reason(int errno)
        => $"policy: this kernel refuses {(MaySleep ? "a sleepable " : "a ")}{_kind.Section} program of two instructions too{(_target.Length == 0 ? "" : $", for {_target}")} ({Errno.Name(errno)}, no capability missing)";

    /// <summary>True where the kernel, and not the lack of a capability, refuses the smallest program of the kind with the same errno.</summary>
    internal bool IsRefusedLike(BpfSyscallException refused)
        => refused is { Errno: Errno.EPERM or Errno.EACCES } and not BpfVerifierException && RawBpf.HasEveryCapability && Try() == -refused.Errno;

    /// <summary>True where the kernel does not support programs of the kind: it returns EINVAL before the verifier looks at them.</summary>
    internal bool IsUnknown()
    {
        RawBpf.Answer answer = Load();
        RawBpf.Close(answer.Result);
        return answer is { Result: -Errno.EINVAL, Log: "" };
    }

    /// <summary>Loads it and, where programs of its kind are attached to what they were loaded for, attaches it for a moment.</summary>
    /// <returns>0, or the negative errno.</returns>
    internal int Try()
    {
        RawBpf.Answer answer = Load();
        if (answer.Result < 0)
        {
            return answer.Result;
        }

        int link = _kind.Attach switch
        {
            "BPF_TRACE_ITER" => Iterate(answer.Result),
            "BPF_TRACE_FENTRY" or "BPF_TRACE_FEXIT" or "BPF_MODIFY_RETURN" or "BPF_TRACE_FSESSION" or "BPF_TRACE_RAW_TP" or "BPF_LSM_MAC" => RawBpf.OpenRawTracepoint(answer.Result),
            _ => 0,
        };
        if (link > 0)
        {
            RawBpf.Close(link);
        }

        RawBpf.Close(answer.Result);
        return Math.Min(link, 0);
    }

    private static int Iterate(int program)
    {
        // BPF_MAP_TYPE_HASH; an iterator over anything else takes no map, and says EINVAL.
        int map = RawBpf.CreateMap(1, 4, 8, 1);
        uint attach = (uint)KernelTypes.Running.Constant(Attaches, "BPF_TRACE_ITER")!.Value;
        int link = RawBpf.LinkIterator(program, attach, map);
        link = link == -Errno.EINVAL ? RawBpf.LinkIterator(program, attach, 0) : link;
        RawBpf.Close(map);
        return link;
    }

    // Whether programs of this kind that return 0, or 1, mean something else does not matter: they are attached to nothing that waits for it, and 0 lets functions and hooks go on.
    private RawBpf.Answer Load()
    {
        Assert.True(IsKnown, $"section \"{_section}\" is in no row of {nameof(Canary)}");
        KernelTypes types = KernelTypes.Running;
        long? type = types.Constant(Types, _kind.Type);
        long? attach = _kind.Attach is null ? 0 : types.Constant(Attaches, _kind.Attach.TrimStart('?')) ?? (_kind.Attach[0] == '?' ? 0 : null);
        if (type is null || attach is null)
        {
            return new RawBpf.Answer(-Errno.EINVAL, "");
        }

        int target = _kind.Target is null ? 0 : _kind.Attach == "BPF_TRACE_RAW_TP" ? types.TypedefId(_kind.Target + _target) : types.FunctionId(_kind.Target + _target);
        const uint Sleepable = 1 << 4;
        const uint Frags = 1 << 5;
        uint flags = (MaySleep ? Sleepable : 0) | (_kind.Section == "xdp.frags" ? Frags : 0);
        if (_kind.Type == "BPF_PROG_TYPE_SYSCALL")
        {
            flags |= Sleepable;
        }

        return RawBpf.Load((uint)type, (uint)attach, target, flags, returns: _kind.Target is null ? 1 : 0);
    }
}
