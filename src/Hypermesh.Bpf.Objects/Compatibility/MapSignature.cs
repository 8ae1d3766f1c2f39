using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Compatibility;

/// <summary>
/// Describes a map as text, so that two maps with the same text can take each other's place: kind, sizes, flags, and the layout of keys, values and records as <see cref="TypeLayout"/> compares them.
/// The same C gives the same text in any object, whatever its type IDs are.
/// </summary>
internal sealed class MapSignature
{
    private const int DeepestNesting = 64;

    private readonly StringBuilder _text = new();
    private readonly Dictionary<int, int> _seen = [];
    private readonly BtfTypes? _types;

    private MapSignature(BtfTypes? types) => _types = types;

    /// <summary>The text of a map.</summary>
    public static string Of(BpfObjectSpec spec, BpfMapSpec map)
    {
        var writer = new MapSignature(spec.Btf);
        writer.Write(map);
        if (spec.Btf is { } types && types.Find(map.Name, BtfKind.Variable) is > 0 and int variable
            && EventMarks.Records(types).Where(mark => mark.VariableId == variable).Select(static mark => mark.Type).FirstOrDefault() is { } records)
        {
            writer._text.Append(" records ").Append(records).Append('=');
            writer.Write(EventMarks.Find(types, records), 0);
        }

        return writer._text.ToString();
    }

    /// <summary>The text of a map's key.</summary>
    public static string OfKey(BpfObjectSpec spec, BpfMapSpec map) => OfType(spec, map.KeyTypeId);

    /// <summary>The text of a map's value.</summary>
    public static string OfValue(BpfObjectSpec spec, BpfMapSpec map) => OfType(spec, map.ValueTypeId);

    /// <summary>The text of a data section.</summary>
    public static string Of(BpfObjectSpec spec, BpfDataSectionSpec section)
    {
        var writer = new MapSignature(spec.Btf);
        writer._text.Append(section.Name).Append(FormattableString.Invariant($" {section.Size} {section.IsReadOnly} {section.IsShared}"));
        foreach (BpfGlobalVariable variable in section.Variables.OrderBy(static variable => variable.Offset))
        {
            writer._text.Append(FormattableString.Invariant($" {variable.Name}@{variable.Offset}:{variable.Size}="));
            writer.Write(variable.TypeId, 0);
        }

        return writer._text.ToString();
    }

    private static string OfType(BpfObjectSpec spec, int typeId)
    {
        var writer = new MapSignature(spec.Btf);
        writer.Write(typeId, 0);
        return writer._text.ToString();
    }

    private void Write(BpfMapSpec map)
    {
        _text.Append(FormattableString.Invariant($"{map.Type} {map.KeySize} {map.ValueSize} {map.MaxEntries} {map.Flags} {map.MapExtra} {map.NumaNode} key="));
        Write(map.KeyTypeId, 0);
        _text.Append(" value=");
        Write(map.ValueTypeId, 0);
        if (map.InnerMap is { } inner)
        {
            _text.Append(" inner ");
            Write(inner);
        }
    }

    private void Write(int id, int depth)
    {
        if (_types is null || id == 0)
        {
            _text.Append('v');
            return;
        }

        if (TypeLayout.IsInNetworkOrder(_types, id))
        {
            _text.Append('n');
        }

        BtfType type = _types[_types.SkipModifiers(id)];
        switch (type.Kind)
        {
            case BtfKind.Int:
                _text.Append(FormattableString.Invariant($"i{type.Size}.{(int)type.IntEncoding}.{type.IntBits}"));
                break;
            case BtfKind.Float:
                _text.Append(FormattableString.Invariant($"f{type.Size}"));
                break;
            case BtfKind.Array:
                _text.Append(FormattableString.Invariant($"a{type.Array.Count}["));
                Write(depth > DeepestNesting ? 0 : type.Array.ElementTypeId, depth + 1);
                _text.Append(']');
                break;
            case BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 when _seen.TryGetValue(type.Id, out int number):
                _text.Append('#').Append(number);
                break;
            case BtfKind.Struct or BtfKind.Union:
                _seen.Add(type.Id, _seen.Count);
                WriteMembers(type, depth);
                break;
            case BtfKind.Enum or BtfKind.Enum64:
                _seen.Add(type.Id, _seen.Count);
                WriteConstants(type);
                break;
            default:
                _text.Append(type.Kind);
                break;
        }
    }

    private void WriteMembers(BtfType type, int depth)
    {
        _text.Append(FormattableString.Invariant($"{(type.Kind == BtfKind.Struct ? 's' : 'u')}{type.Size}{{"));
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            _text.Append(FormattableString.Invariant($"{_types!.GetString(member.NameOffset)}@{member.BitOffset}:{member.BitfieldSize}="));
            Write(depth > DeepestNesting ? 0 : member.TypeId, depth + 1);
            _text.Append(';');
        }

        _text.Append('}');
    }

    private void WriteConstants(BtfType type)
    {
        _text.Append(FormattableString.Invariant($"e{type.Size}.{type.KindFlag}{{"));
        for (int i = 0; i < type.Length; i++)
        {
            _text.Append(FormattableString.Invariant($"{_types!.GetString(type.EnumValue(i).NameOffset)}={type.EnumValue(i).Value};"));
        }

        _text.Append('}');
    }
}
