using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>What the kernel says about a map (4.13; each field from the kernel it came with, 0 before).</summary>
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
        Flags = info.MapFlags;
        Extra = info.MapExtra;
        BtfId = info.BtfId;
        KeyTypeId = (int)info.BtfKeyTypeId;
        ValueTypeId = (int)info.BtfValueTypeId;
        KernelValueTypeId = (int)info.BtfVmlinuxValueTypeId;
        InterfaceIndex = (int)info.Ifindex;
    }

    /// <summary>The kernel's ID of the map.</summary>
    public uint Id { get; }

    /// <summary>The kind of map.</summary>
    public BpfMapType Type { get; }

    /// <summary>Its name, of which the kernel keeps 15 bytes (4.15).</summary>
    public string Name { get; }

    /// <summary>The size of a key in bytes.</summary>
    public int KeySize { get; }

    /// <summary>The size of a value in bytes, of one CPU's where the map is per CPU.</summary>
    public int ValueSize { get; }

    /// <summary>How many entries it may hold; the size in bytes of a ring buffer.</summary>
    public uint MaxEntries { get; }

    /// <summary>The flags it was created with (<c>BPF_F_…</c>).</summary>
    public uint Flags { get; }

    /// <summary>What <c>map_extra</c> means for the kind (5.16).</summary>
    public ulong Extra { get; }

    /// <summary>The kernel's ID of its BTF, 0 without (4.18).</summary>
    public uint BtfId { get; }

    /// <summary>The key's type in that BTF, 0 without.</summary>
    public int KeyTypeId { get; }

    /// <summary>The value's type in that BTF, 0 without.</summary>
    public int ValueTypeId { get; }

    /// <summary>For struct_ops: the value's type in the kernel's BTF (5.6), else 0.</summary>
    public int KernelValueTypeId { get; }

    /// <summary>The network device it is offloaded to, 0 for none.</summary>
    public int InterfaceIndex { get; }

    /// <summary>All maps of the machine, by ID. One that ends meanwhile is left out. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfMapInfo> List() => List(LinuxKernel.Instance);

    internal static List<BpfMapInfo> List(IKernel kernel) => ObjectIds.Maps.List(kernel, static handle => new BpfMapInfo(ObjectInfo.Map(handle)));
}
