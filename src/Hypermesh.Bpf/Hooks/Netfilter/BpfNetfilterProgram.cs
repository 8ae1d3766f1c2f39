using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on a netfilter hook (<c>netfilter</c>, 6.4).</summary>
public sealed class BpfNetfilterProgram : BpfProgram, IBpfPacketTest
{
    internal BpfNetfilterProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a hook of the calling thread's network namespace. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="options">The hook and the priority.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBUSY: another BPF program has that priority.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(NetfilterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string target = $"netfilter {options.Family} {options.Hook} priority {options.Priority}";
        return AttachTo(target, program => NetfilterLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, options));
    }
}

/// <summary>The netfilter hook and priority of a program.</summary>
public sealed record NetfilterOptions
{
    /// <summary>The packets it sees.</summary>
    public NetfilterFamily Family { get; init; } = NetfilterFamily.IPv4;

    /// <summary>The hook.</summary>
    public NetfilterHook Hook { get; init; }

    /// <summary>The priority among the programs of the hook: the lowest runs first. The smallest and the largest value are reserved for the kernel; no two BPF programs can share one.</summary>
    public int Priority { get; init; }

    /// <summary>True to reassemble fragments before the program sees them (6.6, <c>BPF_F_NETFILTER_IP_DEFRAG</c>); the priority must then be above -400.</summary>
    public bool Defragment { get; init; }
}

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
            -Errno.EOPNOTSUPP or -Errno.ENOENT when options.Defragment => "Defragment requires Linux 6.6 and nf_defrag_ipv4 or nf_defrag_ipv6.",
            -Errno.ERANGE or -Errno.EINVAL => "The priority is reserved for the kernel, or too low for Defragment (it must be above -400).",
            _ => null,
        });
    }
}
