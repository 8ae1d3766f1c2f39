namespace Hypermesh.Bpf;

/// <summary>A program on a netfilter hook (<c>netfilter</c>, 6.4).</summary>
public sealed class BpfNetfilterProgram : BpfProgram, IBpfPacketTest
{
    internal BpfNetfilterProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a hook of the calling thread's network namespace. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="options">The hook and the place in it.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBUSY: another BPF program has the priority.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(NetfilterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string target = $"netfilter {options.Family} {options.Hook} priority {options.Priority}";
        return AttachTo(target, program => NetfilterLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, options));
    }
}
