using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf.Programs;

/// <summary>What is done to a link that exists: BPF_LINK_UPDATE (5.7), BPF_LINK_DETACH (5.9).</summary>
internal static unsafe class LinkCalls
{
    private const string Device = "network device";

    // What links of these kinds are attached to.
    private static readonly Dictionary<BpfLinkType, string> s_targets = new()
    {
        [BpfLinkType.Xdp] = Device,
        [BpfLinkType.Tcx] = Device,
        [BpfLinkType.Netkit] = Device,
        [BpfLinkType.CGroup] = "control group",
        [BpfLinkType.NetworkNamespace] = "network namespace",
        [BpfLinkType.SockMap] = "socket map",
    };

    /// <summary>Puts a program in place of the link's.</summary>
    /// <param name="link">The link.</param>
    /// <param name="program">The new program.</param>
    /// <param name="expected">Only in place of this one; null: of whichever is there.</param>
    /// <param name="what">What is being done, for the message.</param>
    /// <param name="named">The new program, as the message names it.</param>
    /// <param name="current">The program that is there, where it is known.</param>
    internal static void Update(BpfHandle link, BpfHandle program, BpfHandle? expected, string what, BpfProgram named, BpfProgram? current = null)
    {
        using HandleUse use = link.Use();
        using HandleUse replacement = program.Use();
        using HandleUse old = expected is null ? default : expected.Use();
        LinkUpdateAttr attributes = default;
        attributes.LinkFd = (uint)use.Descriptor;
        attributes.NewProgFd = (uint)replacement.Descriptor;
        if (expected is not null)
        {
            attributes.Flags = (uint)BpfAttachFlags.Replace;
            attributes.OldProgFd = (uint)old.Descriptor;
        }

        long result = link.Kernel.Bpf(BpfCommand.LinkUpdate, &attributes, (uint)sizeof(LinkUpdateAttr));
        if (result < 0)
        {
            throw KernelErrors.Of(link.Kernel, BpfCommand.LinkUpdate, result, what, Capabilities.Bpf, named.Descriptor.ObjectName, named.Name,
                detail: OtherType(result, named, current) ?? KernelReasons.OfLinkUpdate((int)-result, TargetOf(link), expected is not null));
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
            throw KernelErrors.Of(link.Kernel, BpfCommand.LinkDetach, result, what, detail: KernelReasons.OfLinkDetach((int)-result));
        }
    }

    private static string? OtherType(long result, BpfProgram named, BpfProgram? current)
        => result != -Errno.EINVAL || current is null || (named.Type == current.Type && named.Descriptor.AttachType == current.Descriptor.AttachType)
            ? null
            : $"The link holds a program of type {current.Type} (SEC(\"{current.SectionName}\")), and {named.Name} is of type {named.Type} (SEC(\"{named.SectionName}\")): both must have the same type and attach type.";

    private static string TargetOf(BpfHandle link)
    {
        try
        {
            return s_targets.GetValueOrDefault(LinkInfoReader.Read(link).Type, "target");
        }
        catch (BpfException)
        {
            // Before 5.8 links have no information; the refusal itself is what counts.
            return "target";
        }
    }
}
