namespace Hypermesh.Bpf;

/// <summary>A program on the packets of control groups whose section leaves the direction open (<c>cgroup/skb</c>, 4.10).</summary>
public sealed class BpfCGroupPacketProgram : BpfProgram, IBpfPacketTest
{
    internal BpfCGroupPacketProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a group: it runs for the group and those below. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="group">The group, of version 2.</param>
    /// <param name="direction">Which packets it sees.</param>
    /// <param name="options">How, and where among others; null: by link (before 5.7 without one), at the end.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">A place among others was asked for and the kernel is older than 6.17.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: it is no group of version 2; EPERM, without a capability missing: a program is in force that lets none besides.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(ControlGroup group, PacketDirection direction, CGroupAttachOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(group);
        BpfAttachType hook = direction == PacketDirection.Ingress ? BpfAttachType.CGroupInetIngress : BpfAttachType.CGroupInetEgress;
        string target = $"{hook} of {group}";
        return AttachTo(target, _ => CGroupLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, group, hook, options ?? new CGroupAttachOptions()));
    }
}
