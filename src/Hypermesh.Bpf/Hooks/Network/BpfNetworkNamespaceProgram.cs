namespace Hypermesh.Bpf;

/// <summary>A program on a network namespace: it chooses the socket of a packet (<c>sk_lookup</c>, 5.9) or takes headers apart (<c>flow_dissector</c>, 4.20).</summary>
public sealed class BpfNetworkNamespaceProgram : BpfProgram, IBpfPacketTest, IBpfContextTest
{
    internal BpfNetworkNamespaceProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a namespace. Needs CAP_BPF and CAP_NET_ADMIN there.</summary>
    /// <param name="target">The namespace. Before 5.8 a flow dissector goes without a link, to the calling thread's own whichever is given, and is detached by a thread in the same.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EEXIST: there is a flow dissector already, of which a namespace has one.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(NetworkNamespace target)
    {
        ArgumentNullException.ThrowIfNull(target);
        string name = $"{Descriptor.AttachType} of {target}";
        return AttachTo(name, _ => NetworkNamespaceLink.Open(
            Request(name, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, target, Descriptor.AttachType));
    }
}
