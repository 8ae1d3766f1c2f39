namespace Hypermesh.Bpf.Maps;

/// <summary>What a map is created with.</summary>
internal sealed record BpfMapDefinition(string Name, BpfMapType Type, uint KeySize, uint ValueSize, uint MaxEntries, BpfMapFlags Flags = BpfMapFlags.None)
{
    /// <summary>The map that shows what the inner maps are like, for maps of maps.</summary>
    internal BpfMapHandle? InnerMap { get; init; }

    /// <summary>What the inner maps are made like, for maps of maps; <see cref="InnerMap"/> precedes it.</summary>
    internal BpfMapDefinition? Inner { get; init; }

    /// <summary>The network device the map is offloaded to, 0 for none.</summary>
    internal uint DeviceIndex { get; init; }

    /// <summary>The digest of the one program that may use the map (6.18), null for all.</summary>
    internal byte[]? ExclusiveHash { get; init; }

    /// <summary>The sizes that the C states; 0 where it states none.</summary>
    internal (int Key, int Value, uint Entries) Stated { get; init; }

    internal uint? NumaNode { get; init; }

    internal ulong Extra { get; init; }

    internal BpfHandle? Btf { get; init; }

    internal int KeyTypeId { get; init; }

    internal int ValueTypeId { get; init; }

    /// <summary>The kernel's type of the value, for maps of operations; 0 for all others.</summary>
    internal int KernelValueTypeId { get; init; }

    /// <summary>The types of the module that type is of, null for the kernel's own.</summary>
    internal BpfHandle? KernelValueModule { get; init; }

    /// <summary>True when the value has, or may have, fields that the kernel frees when the value is replaced or removed (timers, lists, pointers to its objects).</summary>
    internal bool HasKernelFields { get; init; }

    /// <summary>The structs in the value that the kernel manages, and that not every type of map may have.</summary>
    internal IReadOnlyCollection<string> KernelStructs { get; init; } = [];

    /// <summary>A BPF token (6.9) that carries the permission, null without one.</summary>
    internal BpfHandle? Token { get; init; }
}
