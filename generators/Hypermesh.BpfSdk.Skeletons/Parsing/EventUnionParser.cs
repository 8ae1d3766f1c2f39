using System.Globalization;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Creates the model of a record of several kinds from a type whose members have <c>HM_KIND(constant)</c>.</summary>
internal sealed class EventUnionParser(BtfTypes types, TypeNames names, string prefix, Findings findings)
{
    /// <param name="named">The type.</param>
    /// <param name="cases">Its members with a tag.</param>
    /// <param name="fields">All its members.</param>
    /// <param name="scope">Its names.</param>
    public EventUnionModel? Parse(NamedType named, IReadOnlyList<EventCase> cases, IReadOnlyList<FieldModel> fields, NameScope scope)
    {
        (int KindType, FieldModel Field)? kind = FindKind(types[named.Id], fields);
        if (kind is null)
        {
            return Fail(named, "it has no kind: its first member must be an integer or an enum, without HM_KIND");
        }

        var models = new List<EventCaseModel>();
        var constants = new Dictionary<ulong, EventCase>();
        foreach (EventCase found in cases)
        {
            if (Value(kind.Value.KindType, found.Constant) is not { } value)
            {
                return Fail(named, $"HM_KIND({found.Constant}) of {found.CName} is neither a number nor a constant of {CTypeNames.Describe(types, kind.Value.KindType)}");
            }

            if (constants.TryGetValue(value, out EventCase? other))
            {
                return Fail(named, $"{other.CName} and {found.CName} both are HM_KIND({found.Constant})");
            }

            if (!names.All.Any(type => prefix + type.Name == found.Field.Type && types[type.Id].IsComposite))
            {
                return Fail(named, $"{found.CName} is HM_KIND({found.Constant}) and neither a struct nor a union");
            }

            constants.Add(value, found);
            models.Add(new EventCaseModel(found.Constant, Literal(kind.Value.KindType, value), found.Field.Name, found.Field.Type, found.Field.Offset + found.Field.Size));
        }

        string shown = kind.Value.Field.Name;
        bool isAlias = shown != ReservedNames.Kind && scope.IsFree(ReservedNames.Kind);
        return new EventUnionModel(shown, kind.Value.Field.Type, isAlias, kind.Value.Field.Size, models.ToEquatableArray());
    }

    private (int KindType, FieldModel Field)? FindKind(BtfType type, IReadOnlyList<FieldModel> fields)
    {
        if (type.Length == 0 || fields.Count == 0 || fields[0] is not { Offset: 0, Kind: FieldKind.Plain } field)
        {
            return null;
        }

        BtfMember member = type.Member(0);
        int id = types.SkipModifiers(member.TypeId);
        return member.NameOffset != 0 && types[id].Kind is BtfKind.Int or BtfKind.Enum or BtfKind.Enum64 ? (id, field) : null;
    }

    private ulong? Value(int kindType, string constant)
    {
        BtfType type = types[kindType];
        for (int i = 0; type.IsEnum && i < type.Length; i++)
        {
            if (types.GetString(type.EnumValue(i).NameOffset) == constant)
            {
                return type.EnumValue(i).Value;
            }
        }

        bool isHexadecimal = constant.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(
            isHexadecimal ? constant.Substring(2) : constant, isHexadecimal ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : null;
    }

    private string Literal(int kindType, ulong value)
    {
        BtfType type = types[kindType];
        string number = EnumParser.Literal(value, (int)type.Size, type.IsEnum ? type.KindFlag : (type.IntEncoding & BtfIntEncoding.Signed) != 0);
        return type.IsEnum ? $"({prefix}{names[type.Id].Name})({number})" : number;
    }

    private EventUnionModel? Fail(NamedType named, string problem)
    {
        findings.Add(DiagnosticIds.BadEvents, named.Key, 0, named.CName, problem);
        return null;
    }
}

/// <summary>A member of an event type with a tag.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Constant">The constant the tag names.</param>
/// <param name="Field">The member.</param>
internal sealed record EventCase(string CName, string Constant, FieldModel Field);
