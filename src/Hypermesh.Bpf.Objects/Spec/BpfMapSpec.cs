namespace Hypermesh.Bpf.Objects;

/// <summary>A map as the object declares it; what has a setter may be changed until the object is loaded.</summary>
public sealed class BpfMapSpec
{
    internal BpfMapSpec(string objectName, string name)
    {
        ObjectName = objectName;
        Name = name;
    }

    /// <summary>The object it belongs to.</summary>
    public string ObjectName { get; }

    /// <summary>Its name in C. The kernel shows at most 15 bytes of it.</summary>
    public string Name { get; }

    /// <summary>Its kind.</summary>
    public BpfMapType Type { get; set; }

    /// <summary>The size of a key in bytes. The kernel is asked again without types when another size than the C's does not fit them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public int KeySize
    {
        get;
        set => field = Size(value, "key");
    }

    /// <summary>The size of a value in bytes, of one CPU's where the map is per CPU. As with keys, another size may cost the map its types.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public int ValueSize
    {
        get;
        set => field = Size(value, "value");
    }

    /// <summary>How many entries it holds at most; for ring buffers the size in bytes.</summary>
    public uint MaxEntries { get; set; }

    /// <summary>The creation flags (<c>BPF_F_*</c>).</summary>
    public BpfMapFlags Flags { get; set; }

    /// <summary>The NUMA node to allocate on, with the flag that says so.</summary>
    public uint NumaNode { get; set; }

    /// <summary>What <c>map_extra</c> means for the kind, such as the number of hash functions of a bloom filter.</summary>
    public ulong MapExtra { get; set; }

    /// <summary>The network device the map is offloaded to, by its index; 0 for none.</summary>
    public uint DeviceIndex { get; set; }

    /// <summary>
    /// True for <c>LIBBPF_PIN_BY_NAME</c>: the map is pinned by its name under the load's pin root, and one that is pinned there already is taken
    /// in its place.
    /// </summary>
    public bool IsPinnedByName { get; set; }

    /// <summary>The path to pin it at and to take it from, in place of its name under the pin root; null for none of its own.</summary>
    public string? PinPath { get; set; }

    /// <summary>The one program that may use the map, by its name in the object (6.18); null for all.</summary>
    public string? ExclusiveProgram { get; set; }

    /// <summary>The BTF id of the key's type, 0 when only a size is stated.</summary>
    public int KeyTypeId { get; internal set; }

    /// <summary>The BTF id of the value's type (for ring buffers: of the event), 0 when only a size is stated.</summary>
    public int ValueTypeId { get; internal set; }

    /// <summary>What the inner maps look like, for maps that hold maps.</summary>
    public BpfMapSpec? InnerMap { get; internal set; }

    /// <summary>Set to false to leave the map out; programs that still reach for it are then refused by the verifier.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The sizes that the C states; 0 where it states none.</summary>
    internal (int Key, int Value, uint Entries) Stated { get; set; }

    internal int SectionOffset { get; set; } = -1;

    /// <summary>The programs or maps that stand in it from the start (<c>.values = { [0] = &amp;prog }</c>), by index.</summary>
    public IReadOnlyList<BpfMapInitialValue> InitialValues { get; internal set; } = [];

    /// <summary>Where the <c>values</c> begin within the definition, -1 without.</summary>
    internal int ValuesOffset { get; set; } = -1;

    private int Size(int value, string what)
        => value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"The {what} of map {Name} of {ObjectName} cannot have a negative size.");
}

/// <summary>What stands in an element of a map of maps or of programs from the start.</summary>
public sealed record BpfMapInitialValue
{
    internal BpfMapInitialValue(int index, string target)
    {
        Index = index;
        Target = target;
    }

    /// <summary>The index of the element.</summary>
    public int Index { get; }

    /// <summary>The map or program, by its name in the object.</summary>
    public string Target { get; }
}
