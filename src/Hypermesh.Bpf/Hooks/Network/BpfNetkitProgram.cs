namespace Hypermesh.Bpf;

/// <summary>A program on a netkit device (<c>netkit/primary</c>, <c>netkit/peer</c>; 6.7).</summary>
public sealed class BpfNetkitProgram : BpfProgram, IBpfPacketTest
{
    internal BpfNetkitProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to the primary device of a pair; the section says which side's packets it sees. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The primary device.</param>
    /// <param name="anchor">Its place among the others; the default is the end.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.7, or built without netkit.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason; ENXIO: the device is no netkit; EACCES: it is the peer, not the primary.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(NetworkDevice device, BpfAnchor anchor = default)
    {
        string target = $"{Descriptor.AttachType} of {device}";
        return AttachTo(target, program => NetworkLink.OpenNetkit(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, Descriptor.AttachType, anchor));
    }
}
