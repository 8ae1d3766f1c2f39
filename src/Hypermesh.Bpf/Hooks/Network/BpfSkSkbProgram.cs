namespace Hypermesh.Bpf;

/// <summary>A program on the packets of a socket map's sockets, whose section leaves open for what (<c>sk_skb</c>, 4.14).</summary>
public sealed class BpfSkSkbProgram : BpfProgram
{
    internal BpfSkSkbProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a socket map: by link (6.10), or without one. Sockets that enter the map from then on use it. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <remarks>
    /// Linux 5.10 (seen in 5.10.223) stops for good, with a CPU spinning, when a verdict passes a message that a stream parser has cut to its own socket: there,
    /// drop or redirect.
    /// </remarks>
    /// <param name="map">A map of type SockMap or SockHash.</param>
    /// <param name="part">What it does.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBUSY: the map has a program for that, or one that excludes it.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(BpfMapDescriptor map, SkSkbPart part)
    {
        ArgumentNullException.ThrowIfNull(map);
        var type = (BpfAttachType)part;
        string target = $"{type} of map {map.Name}";
        return AttachTo(target, _ => SockMapLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, map, type));
    }

    /// <inheritdoc cref="Attach(BpfMapDescriptor, SkSkbPart)"/>
    public BpfLink Attach(BpfMap map, SkSkbPart part)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Attach(map.Descriptor, part);
    }
}
