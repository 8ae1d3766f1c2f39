using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>The kernel's information about a map (4.13). Fields that the kernel does not support yet are 0.</summary>
public readonly record struct BpfMapInfo
{
    internal unsafe BpfMapInfo(RawMapInfo info)
    {
        Id = info.Id;
        Type = (BpfMapType)info.Type;
        Name = KernelText.Name(info.Name);
        KeySize = (int)info.KeySize;
        ValueSize = (int)info.ValueSize;
        MaxEntries = info.MaxEntries;
        Flags = (BpfMapFlags)info.MapFlags;
        Extra = info.MapExtra;
        BtfId = info.BtfId;
        KeyTypeId = (int)info.BtfKeyTypeId;
        ValueTypeId = (int)info.BtfValueTypeId;
        KernelValueTypeId = (int)info.BtfVmlinuxValueTypeId;
        InterfaceIndex = (int)info.Ifindex;
    }

    /// <summary>The kernel's ID of the map.</summary>
    public uint Id { get; }

    /// <summary>The type of map.</summary>
    public BpfMapType Type { get; }

    /// <summary>Its name, of which the kernel keeps 15 bytes (4.15).</summary>
    public string Name { get; }

    /// <summary>The size of a key in bytes.</summary>
    public int KeySize { get; }

    /// <summary>The size of a value in bytes; for a per-CPU map, of one CPU's value.</summary>
    public int ValueSize { get; }

    /// <summary>The maximum number of entries; the size in bytes of a ring buffer.</summary>
    public uint MaxEntries { get; }

    /// <summary>The flags it was created with (<c>BPF_F_…</c>).</summary>
    public BpfMapFlags Flags { get; }

    /// <summary>The <c>map_extra</c> of the map, whose meaning depends on the type (5.16).</summary>
    public ulong Extra { get; }

    /// <summary>The kernel's ID of its BTF; 0 for none (4.18).</summary>
    public uint BtfId { get; }

    /// <summary>The ID of the key's type in that BTF; 0 for none.</summary>
    public int KeyTypeId { get; }

    /// <summary>The ID of the value's type in that BTF; 0 for none.</summary>
    public int ValueTypeId { get; }

    /// <summary>For struct_ops maps: the ID of the value's type in the kernel's BTF (5.6); otherwise 0.</summary>
    public int KernelValueTypeId { get; }

    /// <summary>The network device it is offloaded to, 0 for none.</summary>
    public int InterfaceIndex { get; }

    /// <summary>Lists all maps of the machine, in the order of the IDs. A map that is freed meanwhile is left out. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy denies the call.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfMapInfo> List() => List(LinuxKernel.Instance);

    internal static List<BpfMapInfo> List(IKernel kernel) => ObjectIds.Maps.List(kernel, static handle => new BpfMapInfo(ObjectInfo.Map(handle)));
}
