using System.Runtime.InteropServices;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>The target of an iterator over the parts of one object: the entries of a map, the descendants of a control group, the tasks or files of a process.</summary>
public sealed class IteratorTarget
{
    private readonly byte[] _info;
    private readonly Func<BpfHandle>? _open;

    private IteratorTarget(string name, byte[] info, Func<BpfHandle>? open = null)
    {
        Name = name;
        _info = info;
        _open = open;
    }

    /// <summary>A readable name of the target.</summary>
    public string Name { get; }

    private string? CGroupPath { get; init; }

    private SafeHandle? ProcessHandle { get; init; }

    /// <summary>The entries of a map (<c>iter/bpf_map_elem</c>, 5.9; socket storages <c>iter/bpf_sk_storage_map</c>, socket maps <c>iter/sockmap</c>).</summary>
    /// <param name="map">The map; it must stay open until the link is created.</param>
    public static IteratorTarget Map(BpfMapHandle map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new IteratorTarget($"map {map.Name}", Bytes(new IteratorMapTarget()), () => map.Created);
    }

    /// <summary>Control groups (<c>iter/cgroup</c>, 6.1).</summary>
    /// <param name="path">The group's directory, such as <c>/sys/fs/cgroup/user.slice</c>.</param>
    /// <param name="order">Which groups, and in which order.</param>
    public static IteratorTarget CGroup(string path, CGroupOrder order = CGroupOrder.DescendantsBefore)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new IteratorTarget($"control group {path} ({order})", Bytes(new IteratorCGroupTarget { Order = (uint)order })) { CGroupPath = path };
    }

    /// <summary>One thread (<c>iter/task</c>, <c>iter/task_file</c>, <c>iter/task_vma</c>; 6.1).</summary>
    /// <param name="thread">The thread's ID.</param>
    public static IteratorTarget Thread(int thread) => new($"thread {thread}", Bytes(new IteratorTaskTarget { Tid = (uint)thread }));

    /// <summary>All threads of a process (6.1).</summary>
    /// <param name="process">The process's ID.</param>
    public static IteratorTarget Process(int process) => new($"process {process}", Bytes(new IteratorTaskTarget { Pid = (uint)process }));

    /// <summary>All threads of a process, by its pidfd (6.1).</summary>
    /// <param name="process">The descriptor; it must stay open until the link is created, and stays the caller's.</param>
    public static IteratorTarget Process(SafeHandle process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return new IteratorTarget($"process of descriptor {process.DangerousGetHandle()}", Bytes(new IteratorTaskTarget())) { ProcessHandle = process };
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Passes the kernel's structure to a callback, and holds the descriptors in it open meanwhile.</summary>
    internal DescriptorLink With(LinkRequest request, Func<LinkRequest, byte[], DescriptorLink> create)
    {
        byte[] info = [.. _info];
        if (_open is not null)
        {
            using HandleUse map = _open().Use();
            MemoryMarshal.AsRef<IteratorMapTarget>(info.AsSpan()).MapFd = (uint)map.Descriptor;
            return create(request, info);
        }

        if (ProcessHandle is not null)
        {
            using var process = new SafeHandleUse(ProcessHandle);
            MemoryMarshal.AsRef<IteratorTaskTarget>(info.AsSpan()).PidFd = (uint)process.Descriptor;
            return create(request, info);
        }

        if (CGroupPath is null)
        {
            return create(request, info);
        }

        long group = request.Kernel.Open(CGroupPath, FileFlags.ReadOnly | FileFlags.Directory | FileFlags.CloseOnExec);
        if (group < 0)
        {
            throw request.Error($"open {CGroupPath}", group);
        }

        using var handle = new BpfHandle(request.Kernel, group);
        MemoryMarshal.AsRef<IteratorCGroupTarget>(info.AsSpan()).CgroupFd = (uint)group;
        return create(request, info);
    }

    private static byte[] Bytes<T>(T target)
        where T : unmanaged
        => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in target)).ToArray();
}

/// <summary>The control groups that an iterator visits, and their order.</summary>
public enum CGroupOrder : uint
{
    /// <summary>The group alone.</summary>
    SelfOnly = 1,

    /// <summary>The group, then its descendants.</summary>
    DescendantsBefore = 2,

    /// <summary>The descendants of the group, then the group.</summary>
    DescendantsAfter = 3,

    /// <summary>The group, then its ancestors up to the root.</summary>
    Ancestors = 4,
}
