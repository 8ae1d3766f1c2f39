namespace Hypermesh.Bpf.Maps;

/// <summary>The parameters of map creation.</summary>
internal sealed record BpfMapDefinition(string Name, BpfMapType Type, int KeySize, int ValueSize, uint MaxEntries, BpfMapFlags Flags = BpfMapFlags.None)
{
    /// <summary>The prototype of the inner maps, for maps of maps.</summary>
    internal BpfMapHandle? InnerMap { get; init; }

    /// <summary>The definition of the inner maps, for maps of maps; <see cref="InnerMap"/> takes precedence.</summary>
    internal BpfMapDefinition? Inner { get; init; }

    /// <summary>The network device the map is offloaded to, 0 for none.</summary>
    internal uint DeviceIndex { get; init; }

    /// <summary>The digest of the one program that can use the map (6.18); null for all.</summary>
    internal byte[]? ExclusiveHash { get; init; }

    /// <summary>The sizes that the C states; 0 where it states none.</summary>
    internal (int Key, int Value, uint Entries) Stated { get; init; }

    internal uint? NumaNode { get; init; }

    internal ulong Extra { get; init; }

    internal BpfHandle? Btf { get; init; }

    internal int KeyTypeId { get; init; }

    internal int ValueTypeId { get; init; }

    /// <summary>The ID of the value's type in the kernel's BTF, for struct_ops maps; 0 for all others.</summary>
    internal int KernelValueTypeId { get; init; }

    /// <summary>The BTF of the module that has that type; null for the kernel's own.</summary>
    internal BpfHandle? KernelValueModule { get; init; }

    /// <summary>True when the value has, or may have, fields that the kernel frees when the value is replaced or removed (timers, lists, pointers to its objects).</summary>
    internal bool HasKernelFields { get; init; }

    /// <summary>The kernel-managed structs in the value, which not every map type supports.</summary>
    internal IReadOnlyCollection<string> KernelStructs { get; init; } = [];

    /// <summary>The BPF token (6.9) that permits the creation; null for none.</summary>
    internal BpfHandle? Token { get; init; }
}
