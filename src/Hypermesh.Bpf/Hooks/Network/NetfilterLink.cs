namespace Hypermesh.Bpf;

/// <summary>A link to a netfilter hook of the thread's network namespace (6.4).</summary>
internal static class NetfilterLink
{
    private const uint Defragment = 1;

    internal static DescriptorLink Open(in LinkRequest request, int program, NetfilterOptions options)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.AttachType = (uint)BpfAttachType.Netfilter;
        attributes.NetfilterPf = (uint)options.Family;
        attributes.NetfilterHooknum = (uint)options.Hook;
        attributes.NetfilterPriority = options.Priority;
        attributes.NetfilterFlags = options.Defragment ? Defragment : 0;
        long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
        return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result)) : throw request.Error(BpfCommand.LinkCreate, result, detail: result switch
        {
            -Errno.EBUSY => $"Another BPF program has priority {options.Priority} there.",
            -Errno.EOPNOTSUPP or -Errno.ENOENT when options.Defragment => "Putting fragments together needs Linux 6.6 and nf_defrag_ipv4 or nf_defrag_ipv6.",
            -Errno.ERANGE or -Errno.EINVAL => "The priority is the kernel's own, or too low to put fragments together before it.",
            _ => null,
        });
    }
}
