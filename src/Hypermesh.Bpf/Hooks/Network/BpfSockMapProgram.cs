namespace Hypermesh.Bpf;

/// <summary>A program on the data of a socket map's sockets, whose section says for what (<c>sk_msg</c> 4.17, <c>sk_skb/stream_parser</c> and <c>sk_skb/stream_verdict</c> 4.14, <c>sk_skb/verdict</c> 5.13).</summary>
public sealed class BpfSockMapProgram : BpfProgram
{
    internal BpfSockMapProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a socket map: by link (6.10), or without one. Sockets that enter the map from then on use it. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <remarks>
    /// Linux 5.10 (seen in 5.10.223) stops for good, with a CPU spinning, when a verdict passes a message that a stream parser has cut to its own socket: there,
    /// drop or redirect.
    /// </remarks>
    /// <param name="map">A map of type SockMap or SockHash.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBUSY: the map has a program for that, or one that excludes it.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(BpfMapDescriptor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        string target = $"{Descriptor.AttachType} of map {map.Name}";
        return AttachTo(target, _ => SockMapLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, map, Descriptor.AttachType));
    }

    /// <inheritdoc cref="Attach(BpfMapDescriptor)"/>
    public BpfLink Attach(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Attach(map.Descriptor);
    }
}
