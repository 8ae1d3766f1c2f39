using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Spec;

/// <summary>
/// Reads the map definitions of <c>.maps</c>: anonymous structs whose member types encode the attributes (<c>__uint(x, 5)</c> is a
/// pointer to an array of five, <c>__type(x, T)</c> a pointer to T, <c>__array(values, T)</c> an array of pointers to T).
/// </summary>
internal sealed class MapDefinitionReader
{
    private const string MapsSection = ".maps";
    private const string InnerSuffix = ".inner";
    private const int PointerSize = 8;

    private readonly ElfObject _elf;
    private readonly BtfTypes _btf;

    private MapDefinitionReader(ElfObject elf, BtfTypes btf)
    {
        _elf = elf;
        _btf = btf;
    }

    public static IReadOnlyList<BpfMapSpec> Read(ElfObject elf, BtfTypes? btf)
    {
        if (elf.FindSection("maps") is { Size: > 0 })
        {
            throw new BpfObjectFormatException(elf.FileName, "maps", null, "maps in the old form (struct bpf_map_def) have no types and cannot be loaded; define them in SEC(\".maps\")");
        }

        if (elf.FindSection(MapsSection) is not { Size: > 0 } section)
        {
            return [];
        }

        if (btf is null || btf.Find(MapsSection, BtfKind.DataSection) is not (> 0 and int typeId))
        {
            throw new BpfObjectFormatException(elf.FileName, MapsSection, null, "maps need BTF: compile with -g");
        }

        return new MapDefinitionReader(elf, btf).ReadAll(section, btf[typeId]);
    }

    /// <summary>Reads one map from the type of a variable, which may be extern.</summary>
    internal static BpfMapSpec ReadOne(ElfObject elf, BtfTypes btf, string name, int variableId)
    {
        var map = new BpfMapSpec(elf.FileName, name);
        new MapDefinitionReader(elf, btf).ReadDefinition(map, btf[variableId].TypeId, isInner: false);
        return map;
    }

    private List<BpfMapSpec> ReadAll(ElfSection section, BtfType definitions)
    {
        Dictionary<string, ElfSymbol> symbols = DataSectionReader.SymbolsOf(_elf, section);
        var maps = new List<BpfMapSpec>(definitions.Length);
        for (int i = 0; i < definitions.Length; i++)
        {
            BtfSectionVariable entry = definitions.SectionVariable(i);
            BtfType variable = _btf[entry.TypeId];
            if (variable.Kind != BtfKind.Variable)
            {
                Fail($"entry {i} is a {variable.Kind}, not a variable");
            }

            string name = variable.Name;
            if (!symbols.TryGetValue(name, out ElfSymbol symbol))
            {
                Fail($"map '{name}' is not in the symbol table");
            }

            var map = new BpfMapSpec(_elf.FileName, name) { SectionOffset = (int)Math.Min(symbol.Value, int.MaxValue) };
            ReadDefinition(map, variable.TypeId, isInner: false);
            map.InitialValues = [.. _elf.RelocationsWithin(section, symbol.Value, symbol.Size).Select(r => InitialValue(map, r))];
            maps.Add(map);
        }

        if (maps.Count(static map => map.Type == BpfMapType.Arena) > 1)
        {
            Fail("an object can have only one arena");
        }

        maps.Sort(static (a, b) => a.SectionOffset.CompareTo(b.SectionOffset));
        return maps;
    }

    // Each relocation of .maps is the target of one element of `values`.
    private BpfMapInitialValue InitialValue(BpfMapSpec map, ElfRelocation relocation)
    {
        ElfSymbol target = _elf.Symbols[relocation.SymbolIndex];
        long place = (long)relocation.Offset - map.SectionOffset - map.ValuesOffset;
        if (map.ValuesOffset < 0 || place < 0 || place % PointerSize != 0 || place / PointerSize > int.MaxValue)
        {
            Fail($"map '{map.Name}': '{target.Name}' is at an offset of the definition that is not an element of 'values'");
        }

        ElfSection? holder = target.SectionIndex > 0 && target.SectionIndex < _elf.Sections.Count ? _elf.Sections[target.SectionIndex] : null;
        bool holdsMaps = map.Type is BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps;
        if (holder is null || target.Name.Length == 0 || (holdsMaps ? holder.Name != MapsSection : !holder.IsExecutable || map.Type != BpfMapType.ProgArray))
        {
            Fail($"map '{map.Name}': its value '{target.Name}' is not a {(holdsMaps ? "map" : "program")} of this object");
        }

        if (map.Type == BpfMapType.HashOfMaps && map.KeySize != sizeof(int))
        {
            Fail($"map '{map.Name}': initial values need a key of 4 bytes, but the key has {map.KeySize}");
        }

        return new BpfMapInitialValue((int)(place / PointerSize), target.Name);
    }

    private void ReadDefinition(BpfMapSpec map, int typeId, bool isInner)
    {
        BtfType definition = _btf[_btf.SkipModifiers(typeId)];
        if (definition.Kind != BtfKind.Struct)
        {
            Fail($"map '{map.Name}' is defined by a {definition.Kind}, not a struct");
        }

        for (int i = 0; i < definition.Length; i++)
        {
            BtfMember member = definition.Member(i);
            string name = _btf.GetString(member.NameOffset);
            switch (name)
            {
                case "type":
                    map.Type = (BpfMapType)Number(map, name, member.TypeId);
                    break;
                case "max_entries":
                    map.MaxEntries = Number32(map, name, member.TypeId);
                    break;
                case "map_flags":
                    map.Flags = (BpfMapFlags)Number32(map, name, member.TypeId);
                    break;
                case "numa_node":
                    map.NumaNode = Number32(map, name, member.TypeId);
                    break;
                case "map_extra":
                    map.MapExtra = Number(map, name, member.TypeId);
                    break;
                case "pinning":
                    map.IsPinnedByName = Pinning(map, member.TypeId, isInner);
                    break;
                case "key_size":
                    map.KeySize = Agree(map, "key", map.KeySize, Size(map, "key", Number32(map, name, member.TypeId)));
                    break;
                case "value_size":
                    map.ValueSize = Agree(map, "value", map.ValueSize, Size(map, "value", Number32(map, name, member.TypeId)));
                    break;
                case "key":
                    map.KeyTypeId = Pointee(map, name, member.TypeId);
                    map.KeySize = Agree(map, "key", map.KeySize, SizeOf(map, "key", map.KeyTypeId));
                    break;
                case "value":
                    map.ValueTypeId = Pointee(map, name, member.TypeId);
                    map.ValueSize = Agree(map, "value", map.ValueSize, SizeOf(map, "value", map.ValueTypeId));
                    break;
                case "values":
                    ReadInner(map, member.TypeId, isInner);
                    map.ValuesOffset = (int)Math.Min(member.BitOffset / 8, int.MaxValue);
                    break;
                default:
                    Fail($"map '{map.Name}' has an unknown attribute '{name}'");
                    break;
            }
        }

        if (map.Type == BpfMapType.Unspec)
        {
            Fail($"map '{map.Name}' states no type");
        }

        map.Stated = (map.KeySize, map.ValueSize, map.MaxEntries);
    }

    private void ReadInner(BpfMapSpec map, int typeId, bool isInner)
    {
        if (isInner)
        {
            Fail($"map '{map.Name}': an inner map cannot itself be a map of maps");
        }

        BtfType array = _btf[_btf.SkipModifiers(typeId)];
        if (array.Kind != BtfKind.Array)
        {
            Fail($"map '{map.Name}': values is a {array.Kind}, not an array");
        }

        BtfType pointer = _btf[_btf.SkipModifiers(array.Array.ElementTypeId)];
        int target = pointer.Kind == BtfKind.Pointer ? _btf.SkipModifiers(pointer.TypeId) : 0;
        map.KeySize = map.KeySize == 0 ? 4 : map.KeySize;
        map.ValueSize = map.ValueSize == 0 ? 4 : map.ValueSize;
        switch (_btf[target].Kind)
        {
            case BtfKind.FunctionPrototype:
                break;
            case BtfKind.Struct:
                map.InnerMap = new BpfMapSpec(map.ObjectName, map.Name + InnerSuffix);
                ReadDefinition(map.InnerMap, target, isInner: true);
                break;
            default:
                Fail($"map '{map.Name}': 'values' must be an array of pointers to maps or to programs");
                break;
        }
    }

    private bool Pinning(BpfMapSpec map, int typeId, bool isInner)
    {
        uint pinning = Number32(map, "pinning", typeId);
        if (isInner || pinning > 1)
        {
            Fail(isInner ? $"map '{map.Name}' cannot be pinned: it is only the definition of inner maps" : $"map '{map.Name}' has pinning {pinning}; use LIBBPF_PIN_NONE (0) or LIBBPF_PIN_BY_NAME (1)");
        }

        return pinning == 1;
    }

    private int Agree(BpfMapSpec map, string what, int before, int now)
    {
        if (before != 0 && before != now)
        {
            Fail($"map '{map.Name}' has two different {what} sizes, {before} and {now}");
        }

        return now;
    }

    private int SizeOf(BpfMapSpec map, string what, int typeId)
    {
        BtfType type = _btf[_btf.SkipModifiers(typeId)];
        if (type.Kind == BtfKind.Void)
        {
            Fail($"map '{map.Name}': the type of its {what} is not in the object; clang leaves some types out of BTF, such as complex numbers");
        }

        if (type.Kind == BtfKind.Forward)
        {
            string named = $"{(type.KindFlag ? "union" : "struct")} {type.Name}";
            Fail(map.Name.EndsWith(InnerSuffix, StringComparison.Ordinal)
                ? $"map '{map.Name}': its {what} is a {named} that the object only declares, so it has no size; some versions of clang leave out the definition of a type that only an inner map names: "
                    + $"write HM_EVENT({named}); of <hypermesh/event.h> beside it, or include the header that defines it"
                : $"map '{map.Name}': its {what} is a {named} that is only declared, so it has no size; include the header that defines it");
        }

        return Size(map, what, _btf.SizeOf(typeId));
    }

    private int Size(BpfMapSpec map, string what, long size)
    {
        if (size > int.MaxValue)
        {
            Fail($"map '{map.Name}': a {what} of {size} bytes is larger than the kernel allows");
        }

        return (int)size;
    }

    private int Pointee(BpfMapSpec map, string attribute, int typeId)
    {
        BtfType pointer = _btf[_btf.SkipModifiers(typeId)];
        if (pointer.Kind != BtfKind.Pointer)
        {
            Fail($"map '{map.Name}': {attribute} is a {pointer.Kind}, not a pointer; use __type({attribute}, T)");
        }

        return pointer.TypeId;
    }

    private uint Number32(BpfMapSpec map, string attribute, int typeId)
    {
        ulong number = Number(map, attribute, typeId);
        if (number > uint.MaxValue)
        {
            Fail($"map '{map.Name}': {attribute} {number} does not fit in 32 bits");
        }

        return (uint)number;
    }

    private ulong Number(BpfMapSpec map, string attribute, int typeId)
    {
        BtfType type = _btf[_btf.SkipModifiers(typeId)];
        if (type.IsEnum && type.Length == 1)
        {
            return type.EnumValue(0).Value;
        }

        if (type.Kind == BtfKind.Pointer && _btf[_btf.SkipModifiers(type.TypeId)] is { Kind: BtfKind.Array } array)
        {
            return array.Array.Count;
        }

        Fail($"map '{map.Name}': {attribute} is a {type.Kind}, not a number; use __uint({attribute}, n)");
        return 0;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void Fail(string problem) => throw new BpfObjectFormatException(_elf.FileName, MapsSection, null, problem);
}
