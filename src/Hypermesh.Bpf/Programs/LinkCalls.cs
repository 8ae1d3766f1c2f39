using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Programs;

/// <summary>What is done to a link that exists: BPF_LINK_UPDATE (5.7), BPF_LINK_DETACH (5.9).</summary>
internal static unsafe class LinkCalls
{
    internal static void Update(BpfHandle link, BpfHandle program, BpfHandle? expected, string what, BpfProgram named)
    {
        using HandleUse use = link.Use();
        using HandleUse replacement = program.Use();
        using HandleUse old = expected is null ? default : expected.Use();
        LinkUpdateAttr attributes = default;
        attributes.LinkFd = (uint)use.Descriptor;
        attributes.NewProgFd = (uint)replacement.Descriptor;
        if (expected is not null)
        {
            attributes.Flags = (uint)AttachFlags.Replace;
            attributes.OldProgFd = (uint)old.Descriptor;
        }

        long result = link.Kernel.Bpf(BpfCommand.LinkUpdate, &attributes, (uint)sizeof(LinkUpdateAttr));
        if (result < 0)
        {
            throw KernelErrors.Of(link.Kernel, BpfCommand.LinkUpdate, result, what, Capabilities.Bpf, named.Descriptor.ObjectName, named.Name, detail: result switch
            {
                -Errno.EPERM when expected is not null => "The link's program is not the expected one any more, unless a capability is missing.",
                -Errno.EINVAL => "The new program is of another type, or links of this kind keep their program.",
                _ => null,
            });
        }
    }

    internal static void ForceDetach(BpfHandle link, string what)
    {
        using HandleUse use = link.Use();
        LinkDetachAttr attributes = default;
        attributes.LinkFd = (uint)use.Descriptor;
        long result = link.Kernel.Bpf(BpfCommand.LinkDetach, &attributes, (uint)sizeof(LinkDetachAttr));
        if (result < 0)
        {
            throw KernelErrors.Of(link.Kernel, BpfCommand.LinkDetach, result, what);
        }
    }
}
