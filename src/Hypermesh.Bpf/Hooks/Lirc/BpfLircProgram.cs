using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program that decodes the signals of an infrared receiver (<c>lirc_mode2</c>, 4.18).</summary>
public sealed class BpfLircProgram : BpfProgram
{
    internal BpfLircProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a receiver, without a link: if it is not detached, it stays attached until the device is removed. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The receiver.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the file is not a raw infrared receiver, or the kernel is built without CONFIG_BPF_LIRC_MODE2.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(LircDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        string target = device.ToString();
        return AttachTo(target, _ => Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), device));
    }

    private ProgramAttachment Open(LinkRequest request, LircDevice device)
        => ProgramAttachment.TryOpen(
            Kernel, Loaded, device.Descriptor, BpfAttachType.LircMode2, BpfAttachFlags.None, replaced: null, anchor: default, out long result)
            ?? throw request.Error(BpfCommand.ProgramAttach, result);
}

/// <summary>An infrared receiver, held open.</summary>
public sealed class LircDevice : BpfAttachTarget
{
    private LircDevice(IKernel kernel, string path)
        : base(kernel, "infrared receiver", path, FileFlags.ReadWrite)
    {
    }

    /// <summary>Opens a receiver.</summary>
    /// <param name="path">The device, such as <c>/dev/lirc0</c>.</param>
    /// <returns>The receiver; the caller closes it.</returns>
    /// <exception cref="BpfSyscallException">There is no such device (ENOENT), or it cannot be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static LircDevice Open(string path) => Open(LinuxKernel.Instance, path);

    /// <summary>Returns the programs attached to the receiver (4.18). Needs CAP_NET_ADMIN.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public BpfAttachedPrograms Query() => ProgramQuery.OfDescriptor(Descriptor.Kernel, Descriptor, BpfAttachType.LircMode2, ToString());

    internal static LircDevice Open(IKernel kernel, string path) => new(kernel, path);
}
