namespace Hypermesh.Bpf;

/// <summary>A program that decodes what an infrared receiver hears (<c>lirc_mode2</c>, 4.18).</summary>
public sealed class BpfLircProgram : BpfProgram
{
    internal BpfLircProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a receiver, without a link: what is not detached ends with the device. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The receiver.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: the file is no raw infrared receiver, or the kernel is built without CONFIG_BPF_LIRC_MODE2.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(LircDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        string target = device.ToString();
        return AttachTo(target, _ => Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), device));
    }

    private ProgramAttachment Open(LinkRequest request, LircDevice device)
        => ProgramAttachment.TryOpen(
            Kernel, Loaded, device.Descriptor, BpfAttachType.LircMode2, AttachFlags.None, replaced: null, anchor: default, out long result)
            ?? throw request.Error(BpfCommand.ProgramAttach, result);
}
