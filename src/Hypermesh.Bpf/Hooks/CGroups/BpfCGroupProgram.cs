using Hypermesh.Bpf.Hooks.CGroups;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on a hook of control groups that its section names (<c>cgroup/connect4</c>, <c>cgroup_skb/ingress</c>, <c>sockops</c>, <c>cgroup/dev</c>, <c>lsm_cgroup/…</c>; 4.10 on).</summary>
public sealed class BpfCGroupProgram : BpfProgram
{
    internal BpfCGroupProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a group: it runs for the group and those below. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="group">The group, of version 2.</param>
    /// <param name="options">How, and where among others; null: by link (before 5.7 without one), at the end.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">A place among others was asked for and the kernel is older than 6.17.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: it is no group of version 2; EPERM, without a capability missing: a program is in force that lets none besides.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(ControlGroup group, CGroupAttachOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(group);
        string target = $"{Descriptor.AttachType} of {group}";
        return AttachTo(target, _ => CGroupLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, group, Descriptor.AttachType, options ?? new CGroupAttachOptions()));
    }
}

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
    public BpfProgramLink Attach(ControlGroup group, PacketDirection direction, CGroupAttachOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(group);
        BpfAttachType hook = direction == PacketDirection.Ingress ? BpfAttachType.CGroupInetIngress : BpfAttachType.CGroupInetEgress;
        string target = $"{hook} of {group}";
        return AttachTo(target, _ => CGroupLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, group, hook, options ?? new CGroupAttachOptions()));
    }
}

/// <summary>How and where among others a program is attached to a control group.</summary>
public sealed record CGroupAttachOptions
{
    /// <summary>By link, or by BPF_PROG_ATTACH. What is attached without a link outlives a process that ends without detaching.</summary>
    public CGroupAttachMode Mode { get; init; }

    /// <summary>Its place among the programs of the group (6.17); the default is the end.</summary>
    public BpfAnchor Anchor { get; init; }

    /// <summary>It runs before those of the groups below, not after them (<c>BPF_F_PREORDER</c>; 6.15 without a link, 6.17 by link).</summary>
    public bool Preorder { get; init; }

    /// <summary>Takes the place of this program (5.6, <see cref="CGroupAttachMode.Multi"/> only); null to join the others.</summary>
    public BpfProgram? Replace { get; init; }
}

/// <summary>How a program is attached to a control group.</summary>
public enum CGroupAttachMode
{
    /// <summary>By link (5.7), which ends with its last holder; before, as <see cref="Multi"/>. Others may be attached besides.</summary>
    Link,

    /// <summary>By BPF_PROG_ATTACH (4.10), alone: neither here nor in the groups below may another be attached.</summary>
    Exclusive,

    /// <summary>By BPF_PROG_ATTACH, until a group below has its own (<c>BPF_F_ALLOW_OVERRIDE</c>, 4.10).</summary>
    Override,

    /// <summary>By BPF_PROG_ATTACH, besides others (<c>BPF_F_ALLOW_MULTI</c>, 4.15).</summary>
    Multi,
}
