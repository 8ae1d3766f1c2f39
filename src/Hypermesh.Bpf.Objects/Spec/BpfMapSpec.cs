namespace Hypermesh.Bpf.Objects;

/// <summary>A map as the object declares it. Properties with a setter can be changed until the object is loaded.</summary>
public sealed class BpfMapSpec
{
    internal BpfMapSpec(string objectName, string name)
    {
        ObjectName = objectName;
        Name = name;
    }

    /// <summary>The name of its object.</summary>
    public string ObjectName { get; }

    /// <summary>Its name in C. The kernel shows at most 15 bytes of it.</summary>
    public string Name { get; }

    /// <summary>Its type.</summary>
    public BpfMapType Type { get; set; }

    /// <summary>The size of a key in bytes. When it differs from the size in the C and does not fit the key's type, the map is created without types.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public int KeySize
    {
        get;
        set => field = Size(value, "key");
    }

    /// <summary>The size of a value in bytes (for per-CPU maps, of one CPU's value). As for keys, another size than in the C may create the map without types.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public int ValueSize
    {
        get;
        set => field = Size(value, "value");
    }

    /// <summary>The maximum number of entries; for ring buffers, the size in bytes.</summary>
    public uint MaxEntries { get; set; }

    /// <summary>The creation flags (<c>BPF_F_*</c>).</summary>
    public BpfMapFlags Flags { get; set; }

    /// <summary>The NUMA node to allocate on. The loader sets <see cref="BpfMapFlags.NumaNode"/> for a node other than 0; set the flag for node 0.</summary>
    public uint NumaNode { get; set; }

    /// <summary>The value of <c>map_extra</c>, whose meaning depends on the type, such as the number of hash functions of a bloom filter.</summary>
    public ulong MapExtra { get; set; }

    /// <summary>The index of the network device that the map is offloaded to; 0 for none.</summary>
    public uint DeviceIndex { get; set; }

    /// <summary>
    /// True for <c>LIBBPF_PIN_BY_NAME</c>: the map is pinned by its name under the load's pin root, and a map that is already pinned there is used
    /// instead.
    /// </summary>
    public bool IsPinnedByName { get; set; }

    /// <summary>The path to pin it at or to reuse it from, instead of its name under the pin root; null when it has no path of its own.</summary>
    public string? PinPath { get; set; }

    /// <summary>The name of the only program in the object that may use the map (6.18); null for all.</summary>
    public string? ExclusiveProgram { get; set; }

    /// <summary>The BTF ID of the key's type; 0 when only a size is given.</summary>
    public int KeyTypeId { get; internal set; }

    /// <summary>The BTF ID of the value's type (for ring buffers, of the event); 0 when only a size is given.</summary>
    public int ValueTypeId { get; internal set; }

    /// <summary>The template of the inner maps, for a map of maps.</summary>
    public BpfMapSpec? InnerMap { get; internal set; }

    /// <summary>Set to false to omit the map; the verifier then rejects programs that can reach a use of it.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The sizes in the C; 0 where the C gives none.</summary>
    internal (int Key, int Value, uint Entries) Stated { get; set; }

    internal int SectionOffset { get; set; } = -1;

    /// <summary>The programs or maps that it initially contains (<c>.values = { [0] = &amp;prog }</c>), with their indices.</summary>
    internal IReadOnlyList<BpfMapInitialValue> InitialValues { get; set; } = [];

    /// <summary>The offset of <c>values</c> within the definition; -1 without.</summary>
    internal int ValuesOffset { get; set; } = -1;

    private int Size(int value, string what)
        => value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"The {what} of map {Name} of {ObjectName} cannot have a negative size.");
}

/// <summary>The initial value of an element in a map of maps or of programs.</summary>
internal sealed record BpfMapInitialValue
{
    internal BpfMapInitialValue(int index, string target)
    {
        Index = index;
        Target = target;
    }

    /// <summary>The index of the element.</summary>
    public int Index { get; }

    /// <summary>The name of the map or program in the object.</summary>
    public string Target { get; }
}
