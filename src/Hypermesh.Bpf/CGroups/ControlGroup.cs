using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>A control group of version 2, held open. Closing it does not detach the programs attached to the group.</summary>
public sealed class ControlGroup : BpfAttachTarget
{
    private const string UsualPlace = "/sys/fs/cgroup/";

    private ControlGroup(IKernel kernel, string path)
        : base(kernel, "control group", path, FileFlags.ReadOnly | FileFlags.Directory, () => Places(kernel, path))
    {
    }

    /// <summary>What ENOENT means for a group that is open.</summary>
    internal string Gone => $"Control group {Path} was removed, while it was open here. A group that was created later with the same path is another one: open it again with ControlGroup.Open.";

    /// <summary>Opens a group by its directory.</summary>
    /// <param name="path">The directory, such as <c>/sys/fs/cgroup/app.slice</c>. The paths in <c>/proc/PID/cgroup</c> are relative to the mount point: put the mount point before them.</param>
    /// <returns>The group; the caller closes it.</returns>
    /// <exception cref="BpfException">The directory is not one of a cgroup2 file system; the message says where that is mounted.</exception>
    /// <exception cref="BpfSyscallException">There is no such directory (ENOENT), or it cannot be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static ControlGroup Open(string path) => Open(LinuxKernel.Instance, path);

    /// <summary>Returns the programs attached to a hook of the group. Requires CAP_NET_ADMIN, before 5.19 also CAP_BPF.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="effective">True for all programs that run for the group, including those of its ancestors; false for its own only.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the directory is not a control group of version 2.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook, bool effective = false)
        => ProgramQuery.OfDescriptor(Descriptor.Kernel, Descriptor, hook, ToString(), effective);

    internal static ControlGroup Open(IKernel kernel, string path)
    {
        var group = new ControlGroup(kernel, path);

        // Every directory of a cgroup2 file system has this file; no directory of version 1 has it.
        if (kernel.TryReadText($"{path.TrimEnd('/')}/cgroup.controllers", out long error) is not null || error != -Errno.ENOENT || Places(kernel, path) is not { } places)
        {
            return group;
        }

        group.Dispose();
        throw new BpfException($"{path} cannot be opened as a control group: it is not a directory of a cgroup2 file system. {places}", null, path);
    }

    // Where cgroup2 is mounted; null if that cannot be read.
    private static string? Places(IKernel kernel, string path)
    {
        string mounts = kernel.TryReadText("/proc/self/mounts", out _) ?? "";
        string[] points = [.. mounts.Split('\n').Select(static line => line.Split(' ')).Where(static fields => fields.Length > 2 && fields[2] == "cgroup2").Select(static fields => fields[1])];
        return mounts.Length == 0 ? null
            : points.Length == 0 ? "None is mounted: mount -t cgroup2 none DIRECTORY."
            : Array.Find(points, point => path.StartsWith(point + "/", StringComparison.Ordinal)) is { } around
            ? $"cgroup2 is mounted at {around}, and has no such group: create it with mkdir, or correct its name."
            : path.StartsWith(UsualPlace, StringComparison.Ordinal)
            ? $"cgroup2 is mounted at {points[0]}: use {points[0]}/{path[UsualPlace.Length..]}, and create it with mkdir where it is missing."
            : $"It is mounted at {string.Join(" and at ", points)}, and the paths in /proc/self/cgroup are relative to it: {points[0]}{(path == "/" ? "" : "/" + path.TrimStart('/'))}.";
    }
}
