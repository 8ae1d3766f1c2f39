namespace Hypermesh.Bpf.Features;

/// <summary>The name of each feature in messages, and the kernel that supports it.</summary>
internal static class FeatureNeeds
{
    private static readonly Dictionary<BpfFeature, (string Name, string Needs)> s_rows = new()
    {
        [BpfFeature.KernelBtf] = ("The kernel's type information (BTF)", "Linux 5.4 with CONFIG_DEBUG_INFO_BTF, and /sys/kernel/btf/vmlinux visible: sysfs mounted, and not hidden by a container's mount"),
        [BpfFeature.Btf] = ("Loading types (BTF)", "Linux 4.18"),
        [BpfFeature.ObjectNames] = ("Naming programs and maps", "Linux 4.15"),
        [BpfFeature.GlobalData] = ("Global variables", "Linux 5.2"),
        [BpfFeature.MappableArrays] = ("An array that is mapped into memory", "Linux 5.5"),
        [BpfFeature.BatchOperations] = ("Reading many elements with one call", "Linux 5.6"),
        [BpfFeature.RingBuffer] = ("A ring buffer", "Linux 5.8"),
        [BpfFeature.TaskStorageInTracing] = ("Task storage in tracing programs", "Linux 5.12"),
        [BpfFeature.MemoryAccounting] = ("Counting maps and programs as memory of their control group", "Linux 5.11"),
        [BpfFeature.PerfEventLink] = ("A link to a perf event", "Linux 5.15"),
        [BpfFeature.Link] = ("Attaching by link", "Linux 5.7"),
        [BpfFeature.TaskStorage] = ("Task storage", "Linux 5.11"),
        [BpfFeature.HashTake] = ("Reading and deleting an entry of a hash map in one step", "Linux 5.14"),
        [BpfFeature.SyscallProgram] = ("A program of section \"syscall\"", "Linux 5.14"),
        [BpfFeature.LoopHelper] = ("bpf_loop", "Linux 5.17"),
        [BpfFeature.TcxLink] = ("Attaching a classifier by link (TCX)", "Linux 6.6 with CONFIG_NET_XGRESS (AttachFilter attaches it without, as a clsact filter)"),
        [BpfFeature.BtfFunctions] = ("Functions in types (BTF)", "Linux 5.0"),
        [BpfFeature.BtfGlobalFunctions] = ("Global functions in types (BTF)", "Linux 5.6"),
        [BpfFeature.BtfDataSections] = ("Data sections in types (BTF)", "Linux 5.2"),
        [BpfFeature.BtfQuestionMarkSections] = ("Sections with a question mark in types (BTF)", "Linux 6.9"),
        [BpfFeature.BtfFloat] = ("Floating-point numbers in types (BTF)", "Linux 5.13"),
        [BpfFeature.BtfDeclarationTags] = ("Tags of declarations in types (BTF)", "Linux 5.16"),
        [BpfFeature.BtfTypeTags] = ("Tags of types in types (BTF)", "Linux 5.17"),
        [BpfFeature.BtfEnum64] = ("64-bit enums in types (BTF)", "Linux 6.0"),
        [BpfFeature.AttachCookie] = ("An attach cookie", "Linux 5.15"),
        [BpfFeature.SyscallWrapper] = ("System calls with their arguments in struct pt_regs", "Linux 4.17 with CONFIG_ARCH_HAS_SYSCALL_WRAPPER and kprobes"),
        [BpfFeature.NetkitLink] = ("Attaching to a netkit device", "Linux 6.7 with CONFIG_NETKIT"),
        [BpfFeature.KProbeMultiLink] = ("Attaching to many kernel functions by one link", "Linux 5.18 with CONFIG_FPROBE"),
        [BpfFeature.UProbeMultiLink] = ("Attaching to many places of a user program by one link", "Linux 6.6 (with the fix that distinguishes processes from threads)"),
        [BpfFeature.CGroupOrder] = ("A place among the programs of a control group", "Linux 6.17"),
        [BpfFeature.PerCpuFlags] = ("One CPU's value of a per-CPU element alone", "Linux 7.0"),
        [BpfFeature.TracingMultiLink] = ("Attaching a typed program to many kernel functions by one link (fentry.multi, fexit.multi, fsession.multi)", "Linux 7.2 with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS, on x86-64"),
        [BpfFeature.JumpTables] = ("A jump through a table (gotox)", "Linux 6.19 (or compile with -fno-jump-tables)"),
        [BpfFeature.UseWithoutCapabilities] = ("Using open maps, programs and links without capabilities", "Linux 5.19, or kernel.unprivileged_bpf_disabled=0"),
        [BpfFeature.ContextTags] = ("The tag of a parameter that gets the context, __arg_ctx", "Linux 6.8"),
    };

    /// <summary>All rows; a test checks that every feature has one.</summary>
    internal static IReadOnlyDictionary<BpfFeature, (string Name, string Needs)> Rows => s_rows;

    internal static (string Name, string Needs) Of(BpfFeature feature) => s_rows.GetValueOrDefault(feature, (feature.ToString(), "a newer kernel"));
}
