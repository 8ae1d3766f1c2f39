namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// Which features the running kernel has, by facts that do not depend on the library: its types and symbols by the tests' own readers, its version where neither names the
/// feature. Tests skip by these. FeatureFactTests compares each probe of the library with them, so a wrong probe is a failure and not a skip.
/// </summary>
internal static class KernelFacts
{
    private const string AttachTypes = "bpf_attach_type";
    private const string Commands = "bpf_cmd";
    private const string MapTypes = "bpf_map_type";

    private static readonly Dictionary<BpfFeature, Func<bool>> s_facts = new()
    {
        [BpfFeature.KernelBtf] = static () => KernelTypes.Running.AreThere,
        [BpfFeature.Btf] = static () => KernelNames.HasSymbol("btf_new_fd"),
        [BpfFeature.ObjectNames] = static () => KernelNames.HasMember("bpf_attr", "prog_name"),
        [BpfFeature.GlobalData] = static () => IsAtLeast(5, 2),
        [BpfFeature.MappableArrays] = static () => KernelNames.HasSymbol("array_map_mmap"),
        [BpfFeature.BatchOperations] = static () => KernelNames.HasConstant(Commands, "BPF_MAP_LOOKUP_BATCH"),
        [BpfFeature.RingBuffer] = static () => KernelNames.HasConstant(MapTypes, "BPF_MAP_TYPE_RINGBUF"),
        [BpfFeature.TaskStorage] = static () => KernelNames.HasConstant(MapTypes, "BPF_MAP_TYPE_TASK_STORAGE"),
        [BpfFeature.TaskStorageInTracing] = static () => IsAtLeast(5, 12),
        [BpfFeature.MemoryAccounting] = static () => IsAtLeast(5, 11),
        [BpfFeature.Link] = static () => KernelNames.HasConstant(Commands, "BPF_LINK_CREATE"),
        [BpfFeature.PerfEventLink] = static () => KernelNames.HasConstant("bpf_link_type", "BPF_LINK_TYPE_PERF_EVENT"),
        [BpfFeature.HashTake] = static () => KernelNames.HasSymbol("htab_map_lookup_and_delete_elem"),
        [BpfFeature.PerCpuFlags] = static () => HasPerCpuFlags(),
        [BpfFeature.SyscallProgram] = static () => KernelNames.HasConstant("bpf_prog_type", "BPF_PROG_TYPE_SYSCALL"),
        [BpfFeature.LoopHelper] = static () => KernelNames.HasSymbol("bpf_loop"),
        [BpfFeature.TcxLink] = static () => KernelNames.HasSymbol("tcx_link_attach"),
        [BpfFeature.BtfFunctions] = static () => IsAtLeast(5, 0),
        [BpfFeature.BtfGlobalFunctions] = static () => IsAtLeast(5, 6),
        [BpfFeature.BtfDataSections] = static () => KernelNames.HasSymbol("btf_datasec_check_meta"),
        [BpfFeature.BtfQuestionMarkSections] = static () => IsAtLeast(6, 9),
        [BpfFeature.BtfFloat] = static () => KernelNames.HasSymbol("btf_float_check_meta"),
        [BpfFeature.BtfDeclarationTags] = static () => KernelNames.HasSymbol("btf_decl_tag_check_meta"),
        [BpfFeature.BtfTypeTags] = static () => IsAtLeast(5, 17),
        [BpfFeature.BtfEnum64] = static () => KernelNames.HasSymbol("btf_enum64_check_meta"),
        [BpfFeature.AttachCookie] = static () => KernelNames.HasSymbol("bpf_get_attach_cookie_pe"),
        [BpfFeature.KProbeMultiLink] = static () => KernelNames.HasSymbol("bpf_kprobe_multi_link_release"),
        [BpfFeature.UProbeMultiLink] = static () => KernelNames.HasSymbol("bpf_uprobe_multi_link_release"),
        [BpfFeature.SyscallWrapper] = static () => HasKProbes && KernelNames.HasSymbol("__x64_sys_bpf"),
        [BpfFeature.NetkitLink] = static () => KernelNames.HasSymbol("netkit_link_attach"),
        [BpfFeature.CGroupOrder] = static () => KernelNames.HasMember("bpf_attr", "cgroup"),
        [BpfFeature.ContextTags] = static () => IsAtLeast(6, 8),
        [BpfFeature.TracingMultiLink] = static () => KernelNames.HasNumber(AttachTypes, (uint)BpfAttachType.TraceFEntryMulti) && KernelNames.HasSymbol("bpf_tracing_multi_attach"),
        [BpfFeature.JumpTables] = static () => KernelNames.HasConstant(MapTypes, "BPF_MAP_TYPE_INSN_ARRAY"),
        [BpfFeature.UseWithoutCapabilities] = static () => IsAtLeast(5, 19) || File.ReadAllText("/proc/sys/kernel/unprivileged_bpf_disabled").Trim() == "0",
    };

    /// <summary>The version of the running kernel: "6.12.117+deb13-amd64" is 6.12.117.</summary>
    internal static Version Running { get; } = Version.Parse(File.ReadAllText("/proc/sys/kernel/osrelease").Split('-', '+')[0].Trim());

    /// <summary>True where the kernel is built with kprobes.</summary>
    internal static bool HasKProbes => KernelNames.HasSymbol("register_kprobe");

    /// <summary>True where the kernel has the feature.</summary>
    internal static bool Has(BpfFeature feature) => s_facts[feature]();

    // The distributions whose kernels are tested backport none of the features that are decided by version.
    private static bool IsAtLeast(int major, int minor) => Running >= new Version(major, minor);

    // BPF_MAP_TYPE_PERCPU_ARRAY, one 8-byte value; BPF_F_CPU with CPU 0 in the upper half. Where the flag is not known it is EINVAL.
    private static bool HasPerCpuFlags()
    {
        const ulong OneCpu = 8;
        int map = RawBpf.CreateMap(6, 4, 8, 1);
        Assert.True(map > 0, $"no per-CPU array could be created: {map}");
        int result = RawBpf.Update(map, 0, 7, OneCpu);
        RawBpf.Close(map);
        return result == 0;
    }
}
