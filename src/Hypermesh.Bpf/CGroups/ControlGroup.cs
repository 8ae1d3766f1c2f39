using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>A control group of version 2, held open. What is attached to it stays when it is closed here.</summary>
public sealed class ControlGroup : BpfAttachTarget
{
    private ControlGroup(IKernel kernel, string path)
        : base(kernel, "control group", path, FileFlags.ReadOnly | FileFlags.Directory, () => Places(kernel, path))
    {
    }

    /// <summary>Opens a group by its directory.</summary>
    /// <param name="path">The directory, such as <c>/sys/fs/cgroup/app.slice</c>. The paths in <c>/proc/PID/cgroup</c> begin at the mount point, so that it is put before them.</param>
    /// <returns>The group; the caller closes it.</returns>
    /// <exception cref="BpfException">The directory is not one of a cgroup2 file system; the message says where that is mounted.</exception>
    /// <exception cref="BpfSyscallException">There is no such directory (ENOENT), or it may not be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static ControlGroup Open(string path) => Open(LinuxKernel.Instance, path);

    /// <summary>The programs that are attached to a hook of the group. Needs CAP_NET_ADMIN, before 5.19 with CAP_BPF.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="effective">True for all that run for it, those of the groups above included; false for its own.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: the directory is no control group of version 2.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook, bool effective = false)
        => ProgramQuery.OfDescriptor(Descriptor.Kernel, Descriptor, hook, ToString(), effective);

    internal static ControlGroup Open(IKernel kernel, string path)
    {
        var group = new ControlGroup(kernel, path);

        // Every directory of that file system has this file, and none of version 1.
        if (kernel.TryReadText($"{path.TrimEnd('/')}/cgroup.controllers", out long error) is not null || error != -Errno.ENOENT || Places(kernel, path) is not { } places)
        {
            return group;
        }

        group.Dispose();
        throw new BpfException($"{path} cannot be opened as a control group: it is not a directory of a cgroup2 file system. {places}", null, path);
    }

    // Where such groups are; null where the kernel does not say.
    private static string? Places(IKernel kernel, string path)
    {
        string mounts = kernel.TryReadText("/proc/self/mounts", out _) ?? "";
        string[] points = [.. mounts.Split('\n').Select(static line => line.Split(' ')).Where(static fields => fields.Length > 2 && fields[2] == "cgroup2").Select(static fields => fields[1])];
        return mounts.Length == 0 ? null
            : points.Length == 0 ? "None is mounted: mount -t cgroup2 none DIRECTORY."
            : $"It is mounted at {string.Join(" and at ", points)}, and a path of /proc/self/cgroup begins there: {points[0]}{(path == "/" ? "" : "/" + path.TrimStart('/'))}.";
    }
}
