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
    public BpfLink Attach(ControlGroup group, CGroupAttachOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(group);
        string target = $"{Descriptor.AttachType} of {group}";
        return AttachTo(target, _ => CGroupLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, group, Descriptor.AttachType, options ?? new CGroupAttachOptions()));
    }
}
