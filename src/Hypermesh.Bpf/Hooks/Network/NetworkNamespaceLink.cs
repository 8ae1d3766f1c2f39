namespace Hypermesh.Bpf;

/// <summary>Attaching to a network namespace: by link (flow dissectors 5.8, socket look-ups 5.9); flow dissectors by BPF_PROG_ATTACH before (4.20).</summary>
internal static class NetworkNamespaceLink
{
    internal static LinkResource Open(in LinkRequest request, BpfHandle program, NetworkNamespace target, BpfAttachType hook)
    {
        long result = TryLink(request.Kernel, program, target, hook);
        if (result >= 0)
        {
            return new DescriptorLink(new BpfHandle(request.Kernel, result));
        }

        if (result != -Errno.EINVAL || hook != BpfAttachType.FlowDissector)
        {
            throw Error(request, BpfCommand.LinkCreate, result, hook);
        }

        // Without a link it goes to the namespace of the thread: libbpf's way too on kernels before 5.8.
        return ProgramAttachment.TryOpen(request.Kernel, program, target: null, hook, AttachFlags.None, replaced: null, anchor: default, out long attached)
            ?? throw Error(request, BpfCommand.ProgramAttach, attached, hook);
    }

    private static long TryLink(IKernel kernel, BpfHandle program, NetworkNamespace target, BpfAttachType hook)
    {
        using HandleUse use = program.Use();
        using HandleUse file = target.Descriptor.Use();
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)use.Descriptor;
        attributes.TargetFd = (uint)file.Descriptor;
        attributes.AttachType = (uint)hook;
        return BpfCalls.CreateLink(kernel, ref attributes);
    }

    private static BpfSyscallException Error(in LinkRequest request, BpfCommand command, long result, BpfAttachType hook) => request.Error(
        command, result, detail: result == -Errno.EEXIST && hook == BpfAttachType.FlowDissector
            ? "There is a flow dissector already, in this namespace or in the first one, whose holds for all."
            : null);
}
