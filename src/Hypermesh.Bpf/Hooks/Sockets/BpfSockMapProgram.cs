using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on the data of a socket map's sockets, whose section names its purpose (<c>sk_msg</c> 4.17, <c>sk_skb/stream_parser</c> and <c>sk_skb/stream_verdict</c> 4.14, <c>sk_skb/verdict</c> 5.13).</summary>
public sealed class BpfSockMapProgram : BpfProgram
{
    internal BpfSockMapProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a socket map: by link (6.10), or without one. Sockets that enter the map from then on use it. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <remarks>
    /// Linux 5.10 (seen in 5.10.223) hangs permanently, with a CPU spinning, when a verdict passes a message that a stream parser has cut to its own socket: on that kernel,
    /// drop or redirect.
    /// </remarks>
    /// <param name="map">A map of type SockMap or SockHash.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBUSY: the map already has such a program, or one that excludes it.</exception>
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
        return Attach(map.MapHandle);
    }
}

/// <summary>A program on the packets of a socket map's sockets, whose section does not name its purpose (<c>sk_skb</c>, 4.14).</summary>
public sealed class BpfSkSkbProgram : BpfProgram
{
    internal BpfSkSkbProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a socket map: by link (6.10), or without one. Sockets that enter the map from then on use it. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <remarks>
    /// Linux 5.10 (seen in 5.10.223) hangs permanently, with a CPU spinning, when a verdict passes a message that a stream parser has cut to its own socket: on that kernel,
    /// drop or redirect.
    /// </remarks>
    /// <param name="map">A map of type SockMap or SockHash.</param>
    /// <param name="part">The purpose of the program.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBUSY: the map already has such a program, or one that excludes it.</exception>
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
        return Attach(map.MapHandle, part);
    }
}

/// <summary>Purposes of a program on the sockets of a socket map.</summary>
public enum SkSkbPart : uint
{
    /// <summary>Finds the end of a message in the stream (4.14).</summary>
    StreamParser = BpfAttachType.SkSkbStreamParser,

    /// <summary>Decides where a message of the stream goes (4.14).</summary>
    StreamVerdict = BpfAttachType.SkSkbStreamVerdict,

    /// <summary>Decides where a packet goes, without a parser (5.13).</summary>
    Verdict = BpfAttachType.SkSkbVerdict,
}

/// <summary>Attaches to a socket map: by link (6.10), by BPF_PROG_ATTACH before (4.14).</summary>
internal static class SockMapLink
{
    internal static LinkResource Open(in LinkRequest request, BpfHandle program, BpfMapHandle map, BpfAttachType part)
    {
        if (map.Type is not (BpfMapType.SockMap or BpfMapType.SockHash))
        {
            throw new BpfException($"Program {request.ProgramName} can only be attached to a map of type SockMap or SockHash; map {map.Name} is of type {map.Type}.", request.ObjectName, request.ProgramName);
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
        -Errno.EBUSY => "The map already has such a program, or one that excludes it: a map cannot have a verdict on packets and a verdict on streams. Detach the other program first.",
        -Errno.EOPNOTSUPP => "The kernel does not support such programs: stream parsers need CONFIG_BPF_STREAM_PARSER.",
        _ => null,
    });
}
