using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.CGroups;

/// <summary>Attaches to a control group: by link (5.7), or by BPF_PROG_ATTACH before 5.7 and on request.</summary>
internal static class CGroupLink
{
    // The flags of each mode without a link.
    private static readonly Dictionary<CGroupAttachMode, BpfAttachFlags> s_modes = new()
    {
        [CGroupAttachMode.Exclusive] = BpfAttachFlags.None,
        [CGroupAttachMode.Override] = BpfAttachFlags.AllowOverride,
        [CGroupAttachMode.Multi] = BpfAttachFlags.AllowMulti,
    };

    // Loading packet programs requires only CAP_BPF; attaching them requires CAP_NET_ADMIN.
    private static readonly HashSet<BpfAttachType> s_packetHooks = [BpfAttachType.CGroupInetIngress, BpfAttachType.CGroupInetEgress];

    internal static LinkResource Open(in LinkRequest request, BpfHandle program, ControlGroup group, BpfAttachType hook, CGroupAttachOptions options)
    {
        if (options.Mode != CGroupAttachMode.Link)
        {
            return OpenWithoutLink(request, program, group, hook, options);
        }

        if (options.Replace is not null)
        {
            throw new BpfException(
                $"Program {request.ProgramName}: Replace requires Mode = CGroupAttachMode.Multi; to replace the program of a link, call Update on the link.",
                request.ObjectName, request.ProgramName);
        }

        long result = TryLink(request.Kernel, program, group, hook, options);
        if (result >= 0)
        {
            return new DescriptorLink(new BpfHandle(request.Kernel, result));
        }

        return result == -Errno.EINVAL && !LinkFeatures.Link.Has(request.Kernel)
            ? OpenWithoutLink(request, program, group, hook, options with { Mode = CGroupAttachMode.Multi })
            : throw Error(request, BpfCommand.LinkCreate, result, group, hook, options);
    }

    private static long TryLink(IKernel kernel, BpfHandle program, ControlGroup group, BpfAttachType hook, CGroupAttachOptions options)
    {
        using HandleUse use = program.Use();
        using HandleUse target = group.Descriptor.Use();
        using HeldHandle? neighbour = options.Anchor.Hold();
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)use.Descriptor;
        attributes.TargetFd = (uint)target.Descriptor;
        attributes.AttachType = (uint)hook;
        attributes.Flags = (uint)(options.Anchor.Flags | (options.Preorder ? BpfAttachFlags.Preorder : BpfAttachFlags.None));
        attributes.CgroupRelativeId = neighbour is null ? options.Anchor.Id : (uint)neighbour.Descriptor;
        attributes.CgroupExpectedRevision = options.Anchor.ExpectedRevision;
        return BpfCalls.CreateLink(kernel, ref attributes);
    }

    private static ProgramAttachment OpenWithoutLink(
        in LinkRequest request, BpfHandle program, ControlGroup group, BpfAttachType hook, CGroupAttachOptions options)
    {
        BpfAttachFlags flags = s_modes[options.Mode]
            | (options.Replace is null ? BpfAttachFlags.None : BpfAttachFlags.Replace)
            | (options.Preorder ? BpfAttachFlags.Preorder : BpfAttachFlags.None);
        return ProgramAttachment.TryOpen(request.Kernel, program, group.Descriptor, hook, flags, options.Replace?.Loaded, options.Anchor, out long result)
            ?? throw Error(request, BpfCommand.ProgramAttach, result, group, hook, options);
    }

    private static BpfSyscallException Error(
        in LinkRequest request, BpfCommand command, long result, ControlGroup group, BpfAttachType hook, CGroupAttachOptions options)
    {
        if (result == -Errno.EBADF)
        {
            return request.Error(command, result, detail: $"{group.Path} is not a directory of a cgroup2 file system (mount -t cgroup2 none DIRECTORY).");
        }

        Capabilities asks = s_packetHooks.Contains(hook) ? Capabilities.NetAdmin : Capabilities.Bpf;
        FeatureProbe? feature = options.Anchor.IsDefault && !options.Preorder ? null : LinkFeatures.CGroupOrder;
        return IsHiddenRefusal(request.Kernel, command, result, asks)
            ? request.Error(command, -Errno.EPERM, detail: "Without a link, the kernel reports this as EINVAL.", asks: asks)
            : request.Error(command, result, feature, result == -Errno.ENOENT ? Absent(group, options) : InTheWay(request.Kernel, result, group, hook), asks);
    }

    private static string Absent(ControlGroup group, CGroupAttachOptions options)
        => options.Anchor.IsDefault && options.Replace is null ? group.Gone : $"The program or link of the anchor, or the program to replace, is not attached there; or the group was removed. {group.Gone}";

    // BPF_PROG_ATTACH returns EINVAL if the process lacks the capability to attach packet programs.
    private static bool IsHiddenRefusal(IKernel kernel, BpfCommand command, long result, Capabilities asks)
        => command == BpfCommand.ProgramAttach && result == -Errno.EINVAL && asks == Capabilities.NetAdmin
            && ProcessPrivileges.Read(kernel).Missing(Capabilities.NetAdmin) == Capabilities.NetAdmin;

    // EPERM also means that this group, or an ancestor, has a program that allows no others.
    private static string? InTheWay(IKernel kernel, long result, ControlGroup group, BpfAttachType hook)
    {
        if (result is not (-Errno.EPERM or -Errno.EEXIST))
        {
            return null;
        }

        try
        {
            BpfAttachedPrograms there = ProgramQuery.OfDescriptor(kernel, group.Descriptor, hook, group.ToString(), effective: true);
            return there.Programs.Count == 0
                ? null
                : $"Attached to the group or to an ancestor: {string.Join(", ", there.Programs.Select(static program => $"program {program.ProgramId}"))}.";
        }
        catch (BpfException)
        {
            // Only the first error is reported.
            return null;
        }
    }
}
