using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf;

/// <summary>An iterator (5.8).</summary>
public sealed record BpfIteratorLinkInfo : BpfLinkInfo
{
    internal BpfIteratorLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        Name = LinkInfoBuffers.ReadText(link, raw.IterTargetNameLen, static (ref info, buffer, size) =>
        {
            info.IterTargetName = buffer;
            info.IterTargetNameLen = size;
        });
        MapId = IsMap ? raw.IterMapMapId : null;
        CGroupId = Name == "cgroup" ? raw.IterCgroupCgroupId : null;
        TaskId = IsTask ? raw.IterTaskTid : null;
        ProcessId = IsTask ? raw.IterTaskPid : null;
    }

    /// <summary>The kind of objects it iterates over, such as <c>task</c>.</summary>
    public string Name { get; }

    /// <summary>The ID of the map whose elements it iterates over; null for other kinds.</summary>
    public uint? MapId { get; }

    /// <summary>The ID of the control group it starts at (6.1); null for other kinds.</summary>
    public ulong? CGroupId { get; }

    /// <summary>The ID of the thread it is restricted to (6.1), 0 for all; null for other kinds.</summary>
    public uint? TaskId { get; }

    /// <summary>The ID of the process it is restricted to (6.1), 0 for all; null for other kinds.</summary>
    public uint? ProcessId { get; }

    /// <inheritdoc/>
    public override string Target
        => $"iter/{Name}"
            + (MapId is { } map ? $" of map {map}" : "")
            + (CGroupId is { } group ? $" of cgroup {group}" : "")
            + (TaskId is > 0 ? $" of thread {TaskId}" : "")
            + (ProcessId is > 0 ? $" of process {ProcessId}" : "");

    private bool IsMap => Name is "bpf_map_elem" or "bpf_sk_storage_map";

    private bool IsTask => Name is "task" or "task_file" or "task_vma";
}
