using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>A network namespace, held open: it exists at least until this is closed. Closing it does not detach the programs attached to it.</summary>
public sealed class NetworkNamespace : BpfAttachTarget
{
    private NetworkNamespace(IKernel kernel, string path)
        : base(kernel, "network namespace", path, FileFlags.ReadOnly)
    {
    }

    /// <summary>Opens the namespace the calling thread is in.</summary>
    /// <returns>The namespace; the caller closes it.</returns>
    /// <exception cref="BpfSyscallException">It cannot be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static NetworkNamespace OpenCurrent() => Open("/proc/thread-self/ns/net");

    /// <summary>Opens a namespace by its file.</summary>
    /// <param name="path">The file, such as <c>/run/netns/blue</c> or <c>/proc/1/ns/net</c>. Attaching reports an error if it is not a network namespace.</param>
    /// <returns>The namespace; the caller closes it.</returns>
    /// <exception cref="BpfSyscallException">There is no such file (ENOENT), or it cannot be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static NetworkNamespace Open(string path) => Open(LinuxKernel.Instance, path);

    /// <summary>Returns the programs attached to a hook of the namespace. Needs CAP_NET_ADMIN.</summary>
    /// <param name="hook"><see cref="BpfAttachType.SkLookup"/> (5.9) or <see cref="BpfAttachType.FlowDissector"/> (4.20).</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the kernel has no such hook, or the file is not a network namespace.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public BpfAttachedPrograms Query(BpfAttachType hook) => ProgramQuery.OfDescriptor(Descriptor.Kernel, Descriptor, hook, ToString());

    internal static NetworkNamespace Open(IKernel kernel, string path) => new(kernel, path);
}
