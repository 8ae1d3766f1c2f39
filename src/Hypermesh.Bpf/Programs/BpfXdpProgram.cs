namespace Hypermesh.Bpf;

/// <summary>A program on the packets of a network device as the driver receives them (<c>xdp</c>, 4.8; as a link 5.9).</summary>
public sealed class BpfXdpProgram : BpfProgram
{
    internal BpfXdpProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a device. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The device.</param>
    /// <param name="mode">Where it runs.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(NetworkDevice device, XdpMode mode = XdpMode.Default)
    {
        string target = $"XDP of {device}";
        return AttachTo(target, program => NetworkLink.OpenXdp(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, mode));
    }
}
