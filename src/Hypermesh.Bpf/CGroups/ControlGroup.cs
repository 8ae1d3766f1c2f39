using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>A control group of version 2, held open. What is attached to it stays when it is closed here.</summary>
public sealed class ControlGroup : AttachableFile
{
    private ControlGroup(IKernel kernel, string path)
        : base(kernel, "control group", path, FileFlags.ReadOnly | FileFlags.Directory)
    {
    }

    /// <summary>Opens a group by its directory.</summary>
    /// <param name="path">The directory, such as <c>/sys/fs/cgroup/app.slice</c>. Attaching says when it is none of a cgroup2 file system.</param>
    /// <returns>The group; the caller closes it.</returns>
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

    internal static ControlGroup Open(IKernel kernel, string path) => new(kernel, path);
}
