using Hypermesh.Bpf.Hooks.CGroups;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on a control group hook, which its section names (<c>cgroup/connect4</c>, <c>cgroup_skb/ingress</c>, <c>sockops</c>, <c>cgroup/dev</c>, <c>lsm_cgroup/…</c>; 4.10 on).</summary>
public sealed class BpfCGroupProgram : BpfProgram
{
    internal BpfCGroupProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a group: the program runs for the group and its descendants. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="group">The group, of version 2.</param>
    /// <param name="options">The mode, and the place among other programs; null: by link (before 5.7 without one), at the end.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">A place among other programs was requested and the kernel is older than 6.17.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the group is not of version 2; EPERM although no capability is missing: an attached program allows no others.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(ControlGroup group, CGroupAttachOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(group);
        string target = $"{Descriptor.AttachType} of {group}";
        return AttachTo(target, _ => CGroupLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, group, Descriptor.AttachType, options ?? new CGroupAttachOptions()));
    }
}

/// <summary>A program on the packets of control groups whose section does not name the direction (<c>cgroup/skb</c>, 4.10).</summary>
public sealed class BpfCGroupPacketProgram : BpfProgram, IBpfPacketTest
{
    internal BpfCGroupPacketProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a group: the program runs for the group and its descendants. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="group">The group, of version 2.</param>
    /// <param name="direction">Which packets it sees.</param>
    /// <param name="options">The mode, and the place among other programs; null: by link (before 5.7 without one), at the end.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">A place among other programs was requested and the kernel is older than 6.17.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the group is not of version 2; EPERM although no capability is missing: an attached program allows no others.</exception>
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

/// <summary>Options for attaching a program to a control group.</summary>
public sealed record CGroupAttachOptions
{
    /// <summary>The mode: by link, or by BPF_PROG_ATTACH. A program attached without a link stays attached when the process ends without detaching.</summary>
    public CGroupAttachMode Mode { get; init; }

    /// <summary>The place among the programs of the group (6.17); the default is the end.</summary>
    public BpfAnchor Anchor { get; init; }

    /// <summary>True to run before the programs of descendant groups, not after them (<c>BPF_F_PREORDER</c>; 6.15 without a link, 6.17 by link).</summary>
    public bool Preorder { get; init; }

    /// <summary>The program to replace (5.6, <see cref="CGroupAttachMode.Multi"/> only); null to add to the others.</summary>
    public BpfProgram? Replace { get; init; }
}

/// <summary>Ways of attaching a program to a control group.</summary>
public enum CGroupAttachMode
{
    /// <summary>By link (5.7), which is detached with its last reference; before 5.7, as <see cref="Multi"/>. Other programs may be attached too.</summary>
    Link,

    /// <summary>By BPF_PROG_ATTACH (4.10), exclusively: no other program can be attached to the group or its descendants.</summary>
    Exclusive,

    /// <summary>By BPF_PROG_ATTACH; a descendant group may override it with its own program (<c>BPF_F_ALLOW_OVERRIDE</c>, 4.10).</summary>
    Override,

    /// <summary>By BPF_PROG_ATTACH, together with other programs (<c>BPF_F_ALLOW_MULTI</c>, 4.15).</summary>
    Multi,
}
