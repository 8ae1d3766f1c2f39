using Hypermesh.Bpf.Hooks.TrafficControl;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A traffic classifier whose section does not name the direction (<c>tc</c>, <c>classifier</c>), attached as TCX (6.6) or as a filter (4.5).</summary>
public sealed class BpfSchedClassifierProgram : BpfProgram, IBpfPacketTest
{
    internal BpfSchedClassifierProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a device by link (TCX, 6.6). Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The device.</param>
    /// <param name="direction">The direction of the packets it sees.</param>
    /// <param name="anchor">The place among other programs; the default is the end.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.6, or built without TCX: use <see cref="AttachFilter"/>, which does not need it.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(NetworkDevice device, PacketDirection direction, BpfAnchor anchor = default)
    {
        BpfAttachType type = direction == PacketDirection.Ingress ? BpfAttachType.TcxIngress : BpfAttachType.TcxEgress;
        string target = $"{type} of {device}";
        return AttachTo(target, program => TcxLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, type, anchor));
    }

    /// <summary>
    /// Attaches to a device as a direct-action filter of its clsact qdisc, by netlink (4.5): for kernels without TCX, and for a place among existing
    /// filters. It stays attached when the process ends without detaching. Needs CAP_BPF and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="direction">The direction of the packets it sees.</param>
    /// <param name="options">The filter's priority and handle; null to let the kernel choose.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; the message has its reason; ENOENT: the kernel has no <c>cls_bpf</c>.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink AttachFilter(NetworkDevice device, PacketDirection direction, TcFilterOptions? options = null)
    {
        string target = $"the {direction} filters of {device}";
        return AttachTo(target, program => TcFilterAttachment.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, direction, TcFilterKind.Classifier, options ?? new TcFilterOptions()));
    }
}

/// <summary>The action of a filter (<c>action</c>, 4.1; needs <c>act_bpf</c> and <c>cls_matchall</c>).</summary>
public sealed class BpfSchedActionProgram : BpfProgram, IBpfPacketTest
{
    internal BpfSchedActionProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>
    /// Attaches to a device as the action of a filter that matches every packet, by netlink. It stays attached when the process ends without detaching. Needs CAP_BPF
    /// and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="direction">The direction of the packets it sees.</param>
    /// <param name="options">The filter's priority and handle; null to let the kernel choose.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENOENT: the kernel has no <c>act_bpf</c> or no <c>cls_matchall</c>.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink AttachFilter(NetworkDevice device, PacketDirection direction, TcFilterOptions? options = null)
    {
        string target = $"the {direction} filters of {device}";
        return AttachTo(target, program => TcFilterAttachment.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, direction, TcFilterKind.Action, options ?? new TcFilterOptions()));
    }
}
