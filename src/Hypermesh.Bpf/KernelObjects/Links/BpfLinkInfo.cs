using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf;

/// <summary>What the kernel says about a link (5.8; each kind from the kernel its fields came with, zeroes before). The derived records have what the kind has.</summary>
public abstract record BpfLinkInfo
{
    private protected BpfLinkInfo(in RawLinkInfo raw)
    {
        Id = raw.Id;
        Type = (BpfLinkType)raw.Type;
        ProgramId = raw.ProgId;
    }

    /// <summary>The kernel's number of the link.</summary>
    public uint Id { get; }

    /// <summary>The kind of link.</summary>
    public BpfLinkType Type { get; }

    /// <summary>The kernel's number of the attached program; 0 for a struct_ops map, which is a map.</summary>
    public uint ProgramId { get; }

    /// <summary>What it is attached to, as a person would write it; numbers where the kernel has no names.</summary>
    public abstract string Target { get; }

    /// <summary>All links of the machine, by number. One that ends meanwhile is left out. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 5.8.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfLinkInfo> List() => ObjectIds.Links.List(LinuxKernel.Instance, LinkInfoReader.Read);

    /// <summary>A link by its number. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The kernel's number of the link.</param>
    /// <exception cref="BpfSyscallException">There is none of that number (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfLinkInfo FromId(uint id)
    {
        using BpfHandle link = ObjectIds.Links.Open(LinuxKernel.Instance, id);
        return LinkInfoReader.Read(link);
    }
}

/// <summary>A link of a kind whose fields this version does not know.</summary>
public sealed record BpfOtherLinkInfo : BpfLinkInfo
{
    internal BpfOtherLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
    }

    /// <inheritdoc/>
    public override string Target => Type.ToString();
}

/// <summary>A struct_ops map that is in force (6.4).</summary>
public sealed record BpfStructOpsLinkInfo : BpfLinkInfo
{
    internal BpfStructOpsLinkInfo(in RawLinkInfo raw)
        : base(raw) => MapId = raw.StructOpsMapId;

    /// <summary>The number of the map the table is; 0 once it is detached.</summary>
    public uint MapId { get; }

    /// <inheritdoc/>
    public override string Target => $"operations of map {MapId}";
}

/// <summary>A program on a control group (5.8).</summary>
public sealed record BpfCGroupLinkInfo : BpfLinkInfo
{
    internal BpfCGroupLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        CGroupId = raw.CgroupCgroupId;
        AttachType = (BpfAttachType)raw.CgroupAttachType;
    }

    /// <summary>The number of the group, which is the inode of its directory; 0 once the group is removed.</summary>
    public ulong CGroupId { get; }

    /// <summary>The hook.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of cgroup {CGroupId}";
}
