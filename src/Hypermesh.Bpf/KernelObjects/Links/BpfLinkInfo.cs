using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf;

/// <summary>
/// Information about a link (5.8). The derived records have the fields of each type; fields that the kernel does not support yet are zero. A link of a type that this
/// version does not know is a <see cref="BpfLinkInfo"/> without more fields.
/// </summary>
public record BpfLinkInfo
{
    internal BpfLinkInfo(in RawLinkInfo raw)
    {
        Id = raw.Id;
        Type = (BpfLinkType)raw.Type;
        ProgramId = raw.ProgId;
    }

    /// <summary>The kernel's ID of the link.</summary>
    public uint Id { get; }

    /// <summary>The type of link.</summary>
    public BpfLinkType Type { get; }

    /// <summary>The kernel's ID of the attached program; 0 for a struct_ops map.</summary>
    public uint ProgramId { get; }

    /// <summary>A readable description of the target; with IDs if the kernel has no names.</summary>
    public virtual string Target => Type.ToString();

    /// <summary>Lists all links of the machine, in the order of the IDs. A link that ends meanwhile is left out. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy denies the call.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 5.8.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfLinkInfo> List() => ObjectIds.Links.List(LinuxKernel.Instance, LinkInfoReader.Read);

    /// <summary>Reads the information of a link by its ID. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The kernel's ID of the link.</param>
    /// <exception cref="BpfSyscallException">There is no link with that ID (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfLinkInfo FromId(uint id)
    {
        using BpfHandle link = ObjectIds.Links.Open(LinuxKernel.Instance, id);
        return LinkInfoReader.Read(link);
    }
}

/// <summary>A program on a socket map (6.10), or a registered struct_ops map (6.4). <see cref="BpfLinkInfo.Type"/> says which.</summary>
public sealed record BpfMapLinkInfo : BpfLinkInfo
{
    internal BpfMapLinkInfo(in RawLinkInfo raw, uint mapId, BpfAttachType attachType)
        : base(raw)
    {
        MapId = mapId;
        AttachType = attachType;
    }

    /// <summary>The ID of the map; 0 once it is detached.</summary>
    public uint MapId { get; }

    /// <summary>The purpose of the program; <see cref="BpfAttachType.StructOps"/> for a struct_ops map.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => Type == BpfLinkType.StructOps ? $"struct_ops map {MapId}" : $"{AttachType} of map {MapId}";
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

    /// <summary>The ID of the group, which is the inode of its directory; 0 once the group is removed.</summary>
    public ulong CGroupId { get; }

    /// <summary>The hook.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of cgroup {CGroupId}";
}
