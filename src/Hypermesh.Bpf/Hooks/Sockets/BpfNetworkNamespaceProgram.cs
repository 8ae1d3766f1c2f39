using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on a network namespace: it selects the socket of a packet (<c>sk_lookup</c>, 5.9) or parses headers (<c>flow_dissector</c>, 4.20).</summary>
public sealed class BpfNetworkNamespaceProgram : BpfProgram, IBpfPacketTest, IBpfContextTest
{
    internal BpfNetworkNamespaceProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a namespace. Needs CAP_BPF and CAP_NET_ADMIN there.</summary>
    /// <param name="target">The namespace. Before 5.8 a flow dissector is attached without a link, always to the namespace of the calling thread, and must be detached by a thread in the same namespace.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: the namespace already has a flow dissector, and can have only one.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(NetworkNamespace target)
    {
        ArgumentNullException.ThrowIfNull(target);
        string name = $"{Descriptor.AttachType} of {target}";
        return AttachTo(name, _ => NetworkNamespaceLink.Open(
            Request(name, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, target, Descriptor.AttachType));
    }
}

/// <summary>Attaches to a network namespace: by link (flow dissectors 5.8, socket look-ups 5.9); flow dissectors by BPF_PROG_ATTACH before (4.20).</summary>
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

        // Without a link the target is the namespace of the thread, as in libbpf on kernels before 5.8.
        return ProgramAttachment.TryOpen(request.Kernel, program, target: null, hook, BpfAttachFlags.None, replaced: null, anchor: default, out long attached)
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
            ? "There is already a flow dissector in this namespace, or in the initial one, which applies to all namespaces: detach it first."
            : null);
}
