namespace Hypermesh.Bpf;

/// <summary>Attaching to a socket map: by link (6.10), by BPF_PROG_ATTACH before (4.14).</summary>
internal static class SockMapLink
{
    internal static LinkResource Open(in LinkRequest request, BpfHandle program, BpfMapDescriptor map, BpfAttachType part)
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

        return ProgramAttachment.TryOpen(request.Kernel, program, map.Handle, part, AttachFlags.None, replaced: null, anchor: default, out long attached)
            ?? throw Error(request, BpfCommand.ProgramAttach, attached);
    }

    private static long TryLink(IKernel kernel, BpfHandle program, BpfMapDescriptor map, BpfAttachType part)
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
