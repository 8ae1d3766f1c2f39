namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>Corrects section names in the forms of other tools (<c>tracepoint:sched:sched_switch</c> of bpftrace, <c>sched:sched_switch</c> of perf), and targets of another kind of section.</summary>
internal static class SectionForms
{
    private const string Tracepoint = "tracepoint";
    private const string OfSystemCalls = "syscalls";

    // The short names of bpftrace.
    private static readonly Dictionary<string, string> s_short = new(StringComparer.Ordinal)
    {
        ["t"] = Tracepoint, ["rt"] = "raw_tp", ["rawtracepoint"] = "raw_tp", ["k"] = "kprobe", ["kr"] = "kretprobe", ["u"] = "uprobe", ["ur"] = "uretprobe", ["U"] = "usdt",
        ["f"] = "fentry", ["fr"] = "fexit", ["kfunc"] = "fentry", ["kretfunc"] = "fexit", ["it"] = "iter",
    };

    // The beginnings of tracepoints' names with their category. All are built into the kernel, so no module has the name of a category. The first match wins.
    private static readonly (string Start, string Category)[] s_categories =
    [
        ("sys_enter_", OfSystemCalls), ("sys_exit_", OfSystemCalls), ("sys_enter", "raw_syscalls"), ("sys_exit", "raw_syscalls"), ("sched_ext_", "sched_ext"), ("sched_", "sched"), ("block_", "block"),
        ("softirq_", "irq"), ("irq_matrix_", "irq_matrix"), ("irq_work_", "irq_vectors"), ("irq_", "irq"), ("tasklet_", "irq"), ("task_newtask", "task"), ("task_rename", "task"), ("signal_", "signal"), ("cgroup_", "cgroup"), ("workqueue_", "workqueue"), ("hrtimer_", "timer"),
        ("timer_", "timer"), ("tick_", "timer"), ("cpu_", "power"), ("page_fault_", "exceptions"), ("kmalloc", "kmem"), ("kfree_skb", "skb"), ("consume_skb", "skb"), ("kfree", "kmem"), ("kmem_", "kmem"),
        ("mm_page_", "kmem"), ("mm_vmscan_", "vmscan"), ("mm_filemap_", "filemap"), ("mm_compaction_", "compaction"), ("oom_", "oom"), ("mark_victim", "oom"), ("writeback_", "writeback"),
        ("net_dev_", "net"), ("netif_", "net"), ("napi_gro_", "net"), ("napi_", "napi"), ("tcp_", "tcp"), ("inet_sock_", "sock"), ("udp_", "udp"), ("xdp_", "xdp"), ("qdisc_", "qdisc"),
    ];

    // How functions of system calls begin; ksyscall takes the name without it.
    private static readonly string[] s_systemCalls = ["__x64_sys_", "__arm64_sys_", "__riscv_sys_", "__s390x_sys_", "__se_sys_", "sys_enter_", "sys_exit_", "sys_"];

    private static readonly string[] s_securityHooks = ["security_", "bpf_lsm_"];

    /// <summary>Returns a name that separates its parts by slashes and begins with the type of program, where another tool's name is recognized; else the name itself.</summary>
    public static string OfOtherTools(string sectionName)
    {
        int end = sectionName.IndexOfAny(['/', ':']);
        if (end < 0)
        {
            return sectionName;
        }

        string kind = sectionName.Substring(0, end);
        string rest = sectionName.Substring(end + 1);
        if (IsCategory(kind) && (sectionName[end] == ':' || !IsType(kind)))
        {
            return $"{Tracepoint}/{kind}/{rest}";
        }

        string type = s_short.TryGetValue(kind, out string? whole) ? whole : kind;
        bool ofProcess = type.StartsWith("u", StringComparison.Ordinal);
        return $"{type}/{(ofProcess ? rest : rest.Replace(':', '/'))}";
    }

    /// <summary>Returns the whole section with a corrected target; null where the target has the form that such a section has.</summary>
    public static string? OfTarget(SectionDefinition section, string target)
        => section.Attach switch
        {
            AttachKind.Tracepoint => WithCategory(section, target),
            AttachKind.RawTracepoint => WithoutCategory(section, target, isNameOnly: true),
            AttachKind.Trace when section.AttachType == BpfAttachType.TraceRawTracePoint => WithoutCategory(section, target, isNameOnly: false),
            AttachKind.KProbe or AttachKind.Trace => Changed(section, target, Last(target, '/')),
            AttachKind.Lsm or AttachKind.CGroup => Changed(section, target, Without(s_securityHooks, Last(target, '/'))),
            AttachKind.KernelSyscall => Changed(section, target, Without(s_systemCalls, Last(target, '/'))),
            _ => null,
        };

    private static string? WithCategory(SectionDefinition section, string target)
    {
        string[] parts = target.Split(['/', ':'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length switch
        {
            0 => null,
            1 => $"{section.Name}/{CategoryOf(parts[0]) ?? "CATEGORY"}/{parts[0]}",
            _ => Changed(section, target, $"{parts[parts.Length - 2]}/{parts[parts.Length - 1]}"),
        };
    }

    // A raw tracepoint has no category, and there is one for all system calls together. Before a colon is a module.
    private static string? WithoutCategory(SectionDefinition section, string target, bool isNameOnly)
    {
        string name = Last(target, '/');
        int colon = name.IndexOf(':');
        name = colon >= 0 && (isNameOnly || IsCategory(name.Substring(0, colon))) ? name.Substring(colon + 1) : name;
        return CategoryOf(name) == OfSystemCalls ? $"{Tracepoint}/{OfSystemCalls}/{name}" : Changed(section, target, name);
    }

    private static string? Changed(SectionDefinition section, string target, string corrected)
        => corrected.Length == 0 || corrected == target ? null : $"{section.Name}/{corrected}";

    private static string Last(string target, char separator) => target.Substring(target.LastIndexOf(separator) + 1);

    private static string Without(string[] beginnings, string name)
        => Array.Find(beginnings, beginning => name.StartsWith(beginning, StringComparison.Ordinal)) is { } found ? name.Substring(found.Length) : name;

    private static string? CategoryOf(string name)
        => Array.Find(s_categories, row => name.StartsWith(row.Start, StringComparison.Ordinal)).Category;

    private static bool IsType(string kind) => SectionTable.Rows.Any(row => row.Name == kind || row.Name.StartsWith(kind + "/", StringComparison.Ordinal));

    private static bool IsCategory(string name) => Array.Exists(s_categories, row => row.Category == name);
}
