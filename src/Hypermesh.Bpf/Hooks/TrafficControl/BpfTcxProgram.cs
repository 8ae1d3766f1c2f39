using Hypermesh.Bpf.Hooks.TrafficControl;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A traffic classifier whose section names the direction (<c>tc/ingress</c>, <c>tcx/egress</c>; 6.6).</summary>
public sealed class BpfTcxProgram : BpfProgram, IBpfPacketTest
{
    internal BpfTcxProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a device by link. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The device.</param>
    /// <param name="anchor">The place among other programs; the default is the end.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.6, or built without TCX: use <see cref="AttachFilter"/>, which does not need it.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(NetworkDevice device, BpfAnchor anchor = default)
    {
        string target = $"{Descriptor.AttachType} of {device}";
        return AttachTo(target, program => TcxLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, Descriptor.AttachType, anchor));
    }

    /// <summary>
    /// Attaches to a device, in the direction of its section, as a direct-action filter of its clsact qdisc, by netlink (4.5): for kernels without TCX, and for a place among existing
    /// filters. It stays attached when the process ends without detaching. Needs CAP_BPF and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="options">The filter's priority and handle; null to let the kernel choose.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; the message has its reason; ENOENT: the kernel has no <c>cls_bpf</c>.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink AttachFilter(NetworkDevice device, TcFilterOptions? options = null)
    {
        PacketDirection direction = Descriptor.AttachType == BpfAttachType.TcxIngress ? PacketDirection.Ingress : PacketDirection.Egress;
        string target = $"the {direction} filters of {device}";
        return AttachTo(target, program => TcFilterAttachment.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, direction, TcFilterKind.Classifier, options ?? new TcFilterOptions()));
    }
}

/// <summary>A program on a netkit device (<c>netkit/primary</c>, <c>netkit/peer</c>; 6.7).</summary>
public sealed class BpfNetkitProgram : BpfProgram, IBpfPacketTest
{
    internal BpfNetkitProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to the primary device of a pair; the section names the side whose packets it sees. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The primary device.</param>
    /// <param name="anchor">The place among other programs; the default is the end.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.7, or built without netkit.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason; ENXIO: the device is not a netkit device; EACCES: it is the peer, not the primary device.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(NetworkDevice device, BpfAnchor anchor = default)
    {
        string target = $"{Descriptor.AttachType} of {device}";
        return AttachTo(target, program => TcxLink.OpenNetkit(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, Descriptor.AttachType, anchor));
    }
}
