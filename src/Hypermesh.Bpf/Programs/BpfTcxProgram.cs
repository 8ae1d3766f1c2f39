namespace Hypermesh.Bpf;

/// <summary>A traffic classifier whose section says the direction (<c>tc/ingress</c>, <c>tcx/egress</c>; 6.6).</summary>
public sealed class BpfTcxProgram : BpfProgram
{
    internal BpfTcxProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a device, after those that are there. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The device.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.6, or built without TCX.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(NetworkDevice device)
    {
        string target = $"{Descriptor.AttachType} of {device}";
        return AttachTo(target, program => NetworkLink.OpenTcx(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, Descriptor.AttachType));
    }
}
