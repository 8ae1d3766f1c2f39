namespace Hypermesh.Bpf;

/// <summary>A traffic classifier whose section leaves the direction open (<c>tc</c>, <c>classifier</c>), attached as TCX (6.6).</summary>
public sealed class BpfSchedClassifierProgram : BpfProgram
{
    internal BpfSchedClassifierProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a device, after those that are there. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The device.</param>
    /// <param name="direction">Which packets it sees.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.6, or built without TCX.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(NetworkDevice device, TcxDirection direction)
    {
        BpfAttachType type = direction == TcxDirection.Ingress ? BpfAttachType.TcxIngress : BpfAttachType.TcxEgress;
        string target = $"{type} of {device}";
        return AttachTo(target, program => NetworkLink.OpenTcx(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, device, type));
    }
}
