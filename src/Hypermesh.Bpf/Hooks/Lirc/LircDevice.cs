namespace Hypermesh.Bpf;

/// <summary>An infrared receiver, held open.</summary>
public sealed class LircDevice : AttachableFile
{
    private LircDevice(IKernel kernel, string path)
        : base(kernel, "infrared receiver", path, FileFlags.ReadWrite)
    {
    }

    /// <summary>Opens a receiver.</summary>
    /// <param name="path">The device, such as <c>/dev/lirc0</c>.</param>
    /// <returns>The receiver; the caller closes it.</returns>
    /// <exception cref="BpfSyscallException">There is no such device (ENOENT), or it may not be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static LircDevice Open(string path) => Open(LinuxKernel.Instance, path);

    /// <summary>The programs of the receiver (4.18). Needs CAP_NET_ADMIN.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public BpfAttachedPrograms Query() => ProgramQuery.OfDescriptor(Descriptor.Kernel, Descriptor, BpfAttachType.LircMode2, ToString());

    internal static LircDevice Open(IKernel kernel, string path) => new(kernel, path);
}
