using Hypermesh.Bpf.Programs;

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
    public BpfProgramLink Attach(BpfMapHandle map)
    {
        ArgumentNullException.ThrowIfNull(map);
        string target = $"{Descriptor.AttachType} of map {map.Name}";
        return AttachTo(target, _ => SockMapLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, map, Descriptor.AttachType));
    }

    /// <inheritdoc cref="Attach(BpfMapHandle)"/>
    public BpfProgramLink Attach(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Attach(map.Handle);
    }
}

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
    public BpfProgramLink Attach(BpfMapHandle map, SkSkbPart part)
    {
        ArgumentNullException.ThrowIfNull(map);
        var type = (BpfAttachType)part;
        string target = $"{type} of map {map.Name}";
        return AttachTo(target, _ => SockMapLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, map, type));
    }

    /// <inheritdoc cref="Attach(BpfMapHandle, SkSkbPart)"/>
    public BpfProgramLink Attach(BpfMap map, SkSkbPart part)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Attach(map.Handle, part);
    }
}

/// <summary>What a program does for the sockets of a socket map.</summary>
public enum SkSkbPart : uint
{
    /// <summary>Says where a message of the stream ends (4.14).</summary>
    StreamParser = BpfAttachType.SkSkbStreamParser,

    /// <summary>Says where a message of the stream goes (4.14).</summary>
    StreamVerdict = BpfAttachType.SkSkbStreamVerdict,

    /// <summary>Says where a packet goes, without a parser (5.13).</summary>
    Verdict = BpfAttachType.SkSkbVerdict,
}

/// <summary>Attaching to a socket map: by link (6.10), by BPF_PROG_ATTACH before (4.14).</summary>
internal static class SockMapLink
{
    internal static LinkResource Open(in LinkRequest request, BpfHandle program, BpfMapHandle map, BpfAttachType part)
    {
        if (map.Type is not (BpfMapType.SockMap or BpfMapType.SockHash))
        {
            throw new BpfException($"Program {request.ProgramName} is attached to socket maps; map {map.Name} is of type {map.Type}.", request.ObjectName, request.ProgramName);
        }

        long result = TryLink(request.Kernel, program, map, part);
        if (result >= 0)
        {
            return new DescriptorLink(new BpfHandle(request.Kernel, result));
        }

        if (result != -Errno.EINVAL)
        {
            throw Error(request, BpfCommand.LinkCreate, result);
        }

        return ProgramAttachment.TryOpen(request.Kernel, program, map.Handle, part, BpfAttachFlags.None, replaced: null, anchor: default, out long attached)
            ?? throw Error(request, BpfCommand.ProgramAttach, attached);
    }

    private static long TryLink(IKernel kernel, BpfHandle program, BpfMapHandle map, BpfAttachType part)
    {
        using HandleUse use = program.Use();
        using HandleUse target = map.Use();
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)use.Descriptor;
        attributes.TargetFd = (uint)target.Descriptor;
        attributes.AttachType = (uint)part;
        return BpfCalls.CreateLink(kernel, ref attributes);
    }

    private static BpfSyscallException Error(in LinkRequest request, BpfCommand command, long result) => request.Error(command, result, detail: result switch
    {
        -Errno.EBUSY => "The map has a program for that already, or one that excludes it: a verdict on whole packets and one on streams do not go together.",
        -Errno.EOPNOTSUPP => "The kernel takes no such program: parsers need CONFIG_BPF_STREAM_PARSER.",
        _ => null,
    });
}
