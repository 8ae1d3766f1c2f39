namespace Hypermesh.Bpf.AbiGenerator;

/// <summary>One structure of the kernel's interface and its name in C#.</summary>
/// <param name="Name">The name of the C# struct and of its file.</param>
/// <param name="KernelType">The struct or union in the kernel.</param>
/// <param name="Members">For a union of structs, what picks one: its name, or, for one without, fields only it has.</param>
public sealed record KernelLayout(string Name, string KernelType, params string[] Members)
{
    private const string Attributes = "bpf_attr";
    private const string IteratorTargets = "bpf_iter_link_info";

    /// <summary>All of them: a new command of the kernel is a row here.</summary>
    public static IReadOnlyList<KernelLayout> All { get; } =
    [
        new("MapCreateAttr", Attributes, "map_type", "max_entries"),
        new("MapElementAttr", Attributes, "map_fd", "next_key"),
        new("MapBatchAttr", Attributes, "batch"),
        new("ProgramLoadAttr", Attributes, "prog_type", "insns"),
        new("ObjectPinAttr", Attributes, "pathname", "bpf_fd"),
        new("ProgramAttachAttr", Attributes, "attach_bpf_fd", "attach_type"),
        new("ProgramTestAttr", Attributes, "test"),
        new("ObjectIdAttr", Attributes, "start_id", "next_id"),
        new("ObjectInfoAttr", Attributes, "info"),
        new("ProgramQueryAttr", Attributes, "query"),
        new("RawTracepointAttr", Attributes, "raw_tracepoint"),
        new("BtfLoadAttr", Attributes, "btf", "btf_size"),
        new("TaskQueryAttr", Attributes, "task_fd_query"),
        new("LinkCreateAttr", Attributes, "link_create"),
        new("LinkUpdateAttr", Attributes, "link_update"),
        new("LinkDetachAttr", Attributes, "link_detach"),
        new("EnableStatsAttr", Attributes, "enable_stats"),
        new("IteratorCreateAttr", Attributes, "iter_create"),
        new("ProgramBindMapAttr", Attributes, "prog_bind_map"),
        new("TokenCreateAttr", Attributes, "token_create"),
        new("ProgramStreamAttr", Attributes, "prog_stream_read"),
        new("ProgramAssociateAttr", Attributes, "prog_assoc_struct_ops"),
        new("RawProgramInfo", "bpf_prog_info"),
        new("RawMapInfo", "bpf_map_info"),
        new("RawBtfInfo", "bpf_btf_info"),
        new("RawLinkInfo", "bpf_link_info"),
        new("RawFunctionInfo", "bpf_func_info"),
        new("RawLineInfo", "bpf_line_info"),
        new("PerfEventAttr", "perf_event_attr"),
        new("IteratorMapTarget", IteratorTargets, "map"),
        new("IteratorCGroupTarget", IteratorTargets, "cgroup"),
        new("IteratorTaskTarget", IteratorTargets, "task"),
    ];

    /// <summary>What it is, for the documentation of the C# struct.</summary>
    public string Summary => Members switch
    {
        [] => $"<c>struct {KernelType}</c>.",
        [string name] => $"<c>union {KernelType}</c>, member <c>{name}</c>.",
        [..] => $"<c>union {KernelType}</c>, the member with {string.Join(" and ", Members.Select(member => $"<c>{member}</c>"))}.",
    };
}
