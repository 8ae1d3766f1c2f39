using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Metrics;

/// <summary>
/// Reads the tags of <c>hypermesh/metric.h</c> in an object's types, and finds the values that they are about in its spec. What was changed in the
/// spec counts.
/// </summary>
internal sealed class MetricTagReader
{
    private const string MapsSection = ".maps";
    private const int WholeDeclaration = -1;

    private static readonly HashSet<BpfMapType> s_arrays = [BpfMapType.Array, BpfMapType.PerCpuArray];
    private static readonly HashSet<BpfMapType> s_hashes = [BpfMapType.Hash, BpfMapType.LruHash, BpfMapType.PerCpuHash, BpfMapType.LruPerCpuHash];

    private static readonly Dictionary<BtfKind, string> s_remedies = new()
    {
        [BtfKind.Struct] = "Tag the integer members of the struct in its place",
        [BtfKind.Union] = "Tag an integer member of the union in its place",
        [BtfKind.Array] = "Count in a map of type BPF_MAP_TYPE_ARRAY, which has a measurement for each index",
    };

    private readonly BpfObjectSpec _spec;
    private readonly BtfTypes _types;
    private readonly HashSet<int> _mapVariables;
    private readonly List<MetricDefinition> _metrics = [];
    private readonly List<MetricFault> _faults = [];
    private readonly Dictionary<string, string> _taken = new(StringComparer.OrdinalIgnoreCase);
    private StructPlaces? _structs;

    private MetricTagReader(BpfObjectSpec spec, BtfTypes types)
    {
        _spec = spec;
        _types = types;
        _mapVariables = [.. types.Find(MapsSection, BtfKind.DataSection) is > 0 and int id ? Enumerable.Range(0, types[id].Length).Select(i => types[id].SectionVariable(i).TypeId) : []];
    }

    /// <summary>Reads the tags of an object; an object without types has none.</summary>
    /// <exception cref="BpfObjectFormatException">The types are damaged.</exception>
    public static MetricTags Read(BpfObjectSpec spec)
    {
        if (spec.Btf is not { } types)
        {
            return new MetricTags([], []);
        }

        List<(BtfType Type, MetricTag Tag)> tags = [];
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id] is { Kind: BtfKind.DeclarationTag } type && MetricTag.Read(type.Name) is { } tag)
            {
                tags.Add((type, tag));
            }
        }

        return tags.Count == 0 ? new MetricTags([], []) : new MetricTagReader(spec, types).ReadAll(tags);
    }

    private MetricTags ReadAll(List<(BtfType Type, MetricTag Tag)> tags)
    {
        var seen = new Dictionary<(int, int), MetricTag>();
        foreach ((BtfType type, MetricTag tag) in tags)
        {
            var use = new TagUse(this, tag, _types[type.TypeId], type.DeclarationTagComponent);
            if (seen.TryGetValue((type.TypeId, use.Component), out MetricTag? first))
            {
                use.Fail($"it has {first.Use} already, and one declaration is one instrument. Remove one of the two");
            }
            else if (tag.Fault is { } fault)
            {
                use.Fail(fault);
            }
            else
            {
                Read(use);
            }

            seen[(type.TypeId, use.Component)] = tag;
        }

        return new MetricTags(_metrics, _faults);
    }

    private void Read(TagUse use)
    {
        if (use.Target.Kind == BtfKind.Variable && use.Component == WholeDeclaration)
        {
            ReadVariable(use);
        }
        else if (use.IsMember)
        {
            ReadMember(use);
        }
        else
        {
            use.Fail("a tag is for a global variable, a map, or a member of a map's value. Move it to one of these");
        }
    }

    private void ReadVariable(TagUse use)
    {
        string name = use.Target.Name;
        if (_mapVariables.Contains(use.Target.Id))
        {
            BpfMapSpec map = _spec.Maps.Single(one => one.Name == name);
            if (MapFault(map) is { } fault)
            {
                use.Fail(fault);
            }
            else
            {
                Add(use, "its value", map.ValueTypeId, new MetricHolder(map, null, 0));
            }
        }
        else if (FindVariable(use.Target.Id) is var (section, variable))
        {
            Add(use, "it", variable.TypeId, new MetricHolder(null, section, variable.Offset));
        }
        else
        {
            use.Fail("it is not in a data section of this object (.data, .bss, .rodata or a section with such a prefix). Define it as an ordinary global variable");
        }
    }

    // The struct may be a map's value or a variable's type, or lie within one.
    private void ReadMember(TagUse use)
    {
        BtfMember member = use.Target.Member(use.Component);
        if (member.BitfieldSize > 0)
        {
            use.Fail("it is a bit-field. Declare it as an integer");
            return;
        }

        IReadOnlyList<MetricHolder> holders = (_structs ??= FindStructs()).Of(use.Target.Id);
        if (holders.Count == 0)
        {
            use.Fail("no map has this struct as its value, and no global variable has this type. Use the struct as the value of a map, not within an array, or remove the tag");
        }
        else if (holders.Count > 1)
        {
            use.Fail($"the struct is used by {holders[0].Name} and {holders[1].Name}, and both would have the same name. Declare a struct for each, and tag its members");
        }
        else if (holders[0].Map is { } map && MapFault(map) is { } fault)
        {
            use.Fail($"its struct is the value of map '{map.Name}': {fault}");
        }
        else
        {
            Add(use, "it", member.TypeId, holders[0] with { Offset = holders[0].Offset + (member.BitOffset / 8) });
        }
    }

    private void Add(TagUse use, string what, int valueTypeId, MetricHolder holder)
    {
        BtfType type = _types[_types.SkipModifiers(valueTypeId)];
        if (holder.Offset > int.MaxValue || MetricInteger.Of(_types, valueTypeId, (int)holder.Offset) is not { } value)
        {
            use.Fail($"{what} is {MetricTypes.Describe(type)}. {(s_remedies.TryGetValue(type.Kind, out string? remedy) ? remedy : "Tag an integer of 1, 2, 4 or 8 bytes")}");
            return;
        }

        if (use.Tag.IsCounter && holder.Section is { IsReadOnly: true } constants)
        {
            use.Fail($"it is a constant in {constants.Name}, which never counts. Remove const, or write HM_GAUGE");
            return;
        }

        if (value.Offset + (long)value.Size > (holder.Map?.ValueSize ?? holder.Section!.Size))
        {
            use.Fail($"{what} is at byte {value.Offset}, outside of {holder.Name}: the types of the object are damaged. Compile it again");
            return;
        }

        string? fault = null;
        IReadOnlyList<MetricAttribute> attributes = holder.Map is { } map ? Attributes(map, out fault) : [];
        if (fault is not null)
        {
            use.Fail(fault);
        }
        else if (_taken.TryGetValue(use.Tag.Name, out string? other))
        {
            use.Fail($"{other} has the same name (case does not count), and a name is one instrument. Write another name");
        }
        else
        {
            _taken.Add(use.Tag.Name, use.Subject);
            _metrics.Add(new MetricDefinition(use.Tag, value, attributes) { Map = holder.Map, Section = holder.Section });
        }
    }

    private IReadOnlyList<MetricAttribute> Attributes(BpfMapSpec map, out string? fault)
    {
        fault = null;
        if (map.KeyTypeId == 0)
        {
            return [MetricAttributeReader.Index];
        }

        IReadOnlyList<MetricAttribute> attributes = MetricAttributeReader.Read(_types, map.KeyTypeId, out fault);
        if (fault is null && attributes.Any(one => one.Place.Offset + (long)one.Place.Size > map.KeySize))
        {
            fault = $"its key has members outside of its {map.KeySize} bytes: the types of the object are damaged. Compile it again";
        }

        return attributes;
    }

    private string? MapFault(BpfMapSpec map)
    {
        bool isHash = s_hashes.Contains(map.Type);
        if (!isHash && !s_arrays.Contains(map.Type))
        {
            return $"maps of type {map.Type} cannot be exported. Count in an array or a hash (BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH or their PERCPU forms)";
        }

        if ((map.Flags & BpfMapFlags.WriteOnly) != 0)
        {
            return "user space cannot read it (BPF_F_WRONLY). Remove the flag";
        }

        return map.ValueTypeId == 0 ? "the C states only the size of its value. Write __type(value, __u64), or the type that it has"
            : map.KeyTypeId == 0 && isHash ? "the C states only the size of its key. Write __type(key, __u32), or the type that it has"
            : SizeFault("value", map.ValueSize, map.ValueTypeId) ?? SizeFault("key", map.KeySize, map.KeyTypeId);
    }

    private string? SizeFault(string what, int size, int typeId)
        => typeId != 0 && _types.SizeOf(typeId) is var stated && stated != size
            ? $"the spec gives its {what} {size} bytes, and the type in the C has {stated}. Leave {(what == "key" ? nameof(BpfMapSpec.KeySize) : nameof(BpfMapSpec.ValueSize))} as it is"
            : null;

    private StructPlaces FindStructs()
    {
        var structs = new StructPlaces(_types);
        foreach (BpfMapSpec map in _spec.Maps.Where(static map => map.ValueTypeId != 0))
        {
            structs.Add(map.ValueTypeId, new MetricHolder(map, null, 0));
        }

        foreach (BpfDataSectionSpec section in _spec.DataSections)
        {
            foreach (BpfGlobalVariable variable in section.Variables)
            {
                structs.Add(variable.TypeId, new MetricHolder(null, section, variable.Offset));
            }
        }

        return structs;
    }

    private (BpfDataSectionSpec Section, BpfGlobalVariable Variable)? FindVariable(int variableId)
    {
        foreach (BpfDataSectionSpec section in _spec.DataSections)
        {
            foreach (BpfGlobalVariable variable in section.Variables)
            {
                if (variable.VariableId == variableId)
                {
                    return (section, variable);
                }
            }
        }

        return null;
    }

    /// <summary>A tag on a declaration.</summary>
    private sealed class TagUse(MetricTagReader reader, MetricTag tag, BtfType target, int component)
    {
        public MetricTag Tag => tag;

        public BtfType Target => target;

        public int Component => component;

        public bool IsMember => target.IsComposite && (uint)component < (uint)target.Length;

        public string Subject => IsMember ? $"member '{Path}'" : target.Kind == BtfKind.Variable ? $"{(reader._mapVariables.Contains(target.Id) ? "map" : "variable")} '{target.Name}'" : $"'{target.Name}'";

        // As the notes of the C name it, so that the fault is reported at its line.
        private string Path
        {
            get
            {
                string member = reader._types.GetString(target.Member(component).NameOffset);
                return target.Name.Length == 0 ? member : $"{(target.Kind == BtfKind.Struct ? "struct" : "union")} {target.Name}.{member}";
            }
        }

        public void Fail(string problem) => reader._faults.Add(new MetricFault(IsMember ? Path : target.Name, tag.Use, Subject, problem));
    }
}
