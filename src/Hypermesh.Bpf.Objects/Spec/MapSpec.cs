namespace Hypermesh.Bpf.Objects;

/// <summary>A map as the object declares it; what has a setter may be changed until the object is loaded.</summary>
public sealed class MapSpec
{
    internal MapSpec(string objectName, string name)
    {
        ObjectName = objectName;
        Name = name;
    }

    /// <summary>The object it belongs to.</summary>
    public string ObjectName { get; }

    /// <summary>Its name in C. The kernel shows at most 15 bytes of it.</summary>
    public string Name { get; }

    /// <summary>Its kind.</summary>
    public BpfMapType Type { get; internal set; }

    /// <summary>The size of a key in bytes.</summary>
    public uint KeySize { get; internal set; }

    /// <summary>The size of a value in bytes, of one CPU's where the map is per CPU.</summary>
    public uint ValueSize { get; internal set; }

    /// <summary>How many entries it holds at most; for ring buffers the size in bytes.</summary>
    public uint MaxEntries { get; set; }

    /// <summary>The creation flags (<c>BPF_F_*</c>).</summary>
    public uint Flags { get; set; }

    /// <summary>The NUMA node to allocate on, with the flag that says so.</summary>
    public uint NumaNode { get; set; }

    /// <summary>What <c>map_extra</c> means for the kind, such as the number of hash functions of a bloom filter.</summary>
    public ulong MapExtra { get; set; }

    /// <summary>True for <c>LIBBPF_PIN_BY_NAME</c>.</summary>
    public bool IsPinnedByName { get; internal set; }

    /// <summary>The BTF id of the key's type, 0 when only a size is stated.</summary>
    public int KeyTypeId { get; internal set; }

    /// <summary>The BTF id of the value's type (for ring buffers: of the event), 0 when only a size is stated.</summary>
    public int ValueTypeId { get; internal set; }

    /// <summary>What the inner maps look like, for maps that hold maps.</summary>
    public MapSpec? InnerMap { get; internal set; }

    /// <summary>Set to false to leave the map out; programs that still reach for it are then refused by the verifier.</summary>
    public bool Enabled { get; set; } = true;

    internal int SectionOffset { get; set; } = -1;

    /// <summary>True when programs or maps stand in it from the start (<c>.values = { … }</c>).</summary>
    internal bool HasInitialValues { get; set; }
}
