namespace Hypermesh.Bpf;

/// <summary>The action of a filter (<c>action</c>, 4.1; needs <c>act_bpf</c> and <c>cls_matchall</c>).</summary>
public sealed class BpfSchedActionProgram : BpfProgram, IBpfPacketTest
{
    internal BpfSchedActionProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>
    /// Attaches to a device as the action of a filter that matches every packet, by netlink: what is not detached stays when the process ends. Needs CAP_BPF
    /// and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="direction">Which packets it sees.</param>
    /// <param name="options">The filter's place; null: the kernel's choice.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; ENOENT: it has no <c>act_bpf</c> or no <c>cls_matchall</c>.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink AttachFilter(NetworkDevice device, TcxDirection direction, TcFilterOptions? options = null)
    {
        string target = $"the {direction} filters of {device}";
        return AttachTo(target, program => TcFilterAttachment.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, direction, TcFilterKind.Action, options ?? new TcFilterOptions()));
    }
}
