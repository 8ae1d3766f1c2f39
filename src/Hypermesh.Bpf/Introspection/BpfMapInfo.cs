using Hypermesh.Bpf.Introspection;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>What the kernel says about a map (4.13; each field from the kernel it came with, 0 before).</summary>
public readonly record struct BpfMapInfo
{
    internal unsafe BpfMapInfo(RawMapInfo info)
    {
        Id = info.Id;
        Type = (BpfMapType)info.Type;
        Name = KernelText.Name(info.Name);
        KeySize = info.KeySize;
        ValueSize = info.ValueSize;
        MaxEntries = info.MaxEntries;
        Flags = info.MapFlags;
        Extra = info.MapExtra;
        BtfId = info.BtfId;
        KeyTypeId = (int)info.BtfKeyTypeId;
        ValueTypeId = (int)info.BtfValueTypeId;
        KernelValueTypeId = (int)info.BtfVmlinuxValueTypeId;
        InterfaceIndex = (int)info.Ifindex;
    }

    /// <summary>The kernel's number of the map.</summary>
    public uint Id { get; }

    /// <summary>The kind of map.</summary>
    public BpfMapType Type { get; }

    /// <summary>Its name, of which the kernel keeps 15 bytes (4.15).</summary>
    public string Name { get; }

    /// <summary>The size of a key in bytes.</summary>
    public uint KeySize { get; }

    /// <summary>The size of a value in bytes, of one CPU's where the map is per CPU.</summary>
    public uint ValueSize { get; }

    /// <summary>How many entries it may hold; the size in bytes of a ring buffer.</summary>
    public uint MaxEntries { get; }

    /// <summary>The flags it was created with (<c>BPF_F_…</c>).</summary>
    public uint Flags { get; }

    /// <summary>What <c>map_extra</c> means for the kind (5.16).</summary>
    public ulong Extra { get; }

    /// <summary>The kernel's number of its BTF, 0 without (4.18).</summary>
    public uint BtfId { get; }

    /// <summary>The key's type in that BTF, 0 without.</summary>
    public int KeyTypeId { get; }

    /// <summary>The value's type in that BTF, 0 without.</summary>
    public int ValueTypeId { get; }

    /// <summary>For a table of operations: the value's type in the kernel's BTF (5.6), else 0.</summary>
    public int KernelValueTypeId { get; }

    /// <summary>The network device it is offloaded to, 0 for none.</summary>
    public int InterfaceIndex { get; }

    /// <summary>All maps of the machine, by number. One that ends meanwhile is left out. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfMapInfo> List() => List(LinuxKernel.Instance);

    /// <summary>Opens a map by its number. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The kernel's number of the map.</param>
    /// <returns>The map, to make a typed view of; the caller disposes it.</returns>
    /// <exception cref="BpfSyscallException">There is none of that number (ENOENT), or the kernel refused.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfMapDescriptor Open(uint id)
        => MapDescriptions.Describe(ObjectIds.Maps.Open(LinuxKernel.Instance, id), name: null, objectName: null, $"Number {id}");

    /// <summary>Opens the map of a name, of which the kernel keeps 15 bytes. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="name">The name in C.</param>
    /// <returns>The map, to make a typed view of; the caller disposes it.</returns>
    /// <exception cref="BpfException">There is none of that name, or more than one; the message has their numbers.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfMapDescriptor Open(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Open(OneOf.Name("map", name, List().Where(info => KernelText.IsName(info.Name, name)).Select(static info => info.Id)));
    }

    /// <summary>What the kernel says about an opened map.</summary>
    /// <param name="map">The map.</param>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static BpfMapInfo Of(BpfMapDescriptor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new BpfMapInfo(ObjectInfo.Map(map.Created));
    }

    internal static List<BpfMapInfo> List(IKernel kernel) => ObjectIds.Maps.List(kernel, static handle => new BpfMapInfo(ObjectInfo.Map(handle)));
}
