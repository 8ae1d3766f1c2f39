using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf.Programs;

/// <summary>Operations on an existing link: BPF_LINK_UPDATE (5.7), BPF_LINK_DETACH (5.9).</summary>
internal static unsafe class LinkCalls
{
    private const string Device = "network device";

    // The targets of these link types.
    private static readonly Dictionary<BpfLinkType, string> s_targets = new()
    {
        [BpfLinkType.Xdp] = Device,
        [BpfLinkType.Tcx] = Device,
        [BpfLinkType.Netkit] = Device,
        [BpfLinkType.CGroup] = "control group",
        [BpfLinkType.NetworkNamespace] = "network namespace",
        [BpfLinkType.SockMap] = "socket map",
    };

    /// <summary>Replaces the program of the link.</summary>
    /// <param name="link">The link.</param>
    /// <param name="program">The new program.</param>
    /// <param name="expected">The program that must be attached now; null for any.</param>
    /// <param name="what">What is being done, for the message.</param>
    /// <param name="named">The new program, for the message.</param>
    /// <param name="current">The current program, if it is known.</param>
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
            : $"The link has a program of type {current.Type} (SEC(\"{current.SectionName}\")), but {named.Name} is of type {named.Type} (SEC(\"{named.SectionName}\")): both must have the same type and attach type.";

    private static string TargetOf(BpfHandle link)
    {
        try
        {
            return s_targets.GetValueOrDefault(LinkInfoReader.Read(link).Type, "target");
        }
        catch (BpfException)
        {
            // Before 5.8 links have no information; only the first error is reported.
            return "target";
        }
    }
}
