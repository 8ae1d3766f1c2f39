using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Helpers;
using Hypermesh.BpfSdk.Generators.Model;
using Hypermesh.BpfSdk.Generators.Naming;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>Makes the model of one struct or union.</summary>
/// <param name="types">The object's types.</param>
/// <param name="resolver">Says how C# stores a member.</param>
/// <param name="summation">Says what adds up.</param>
/// <param name="findings">Receives what could not be expressed.</param>
internal sealed class StructParser(
    BtfTypes types,
    TypeResolver resolver,
    SummationRules summation,
    Findings findings)
{
    public StructModel Parse(NamedType named)
    {
        BtfType type = types[named.Id];
        bool addsUp = summation.IsSummed(named.Id);
        IEnumerable<string> reserved = ReservedNames.OfObject.Append(named.Name);
        var scope = new NameScope(named.CName, "Field", addsUp ? reserved.Append(ReservedNames.Sum) : reserved, findings);
        var fields = new List<FieldModel>();
        ParseMembers(new Target(named, resolver.SizeOf(type), addsUp, scope, fields), type, 0);
        return new StructModel(named.CName, named.Name, (int)type.Size, addsUp, fields.ToEquatableArray()) { Key = named.Key };
    }

    private void ParseMembers(Target target, BtfType type, long baseBits)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            long bits = baseBits + member.BitOffset;
            if (TypeNames.IsTransparent(types, member))
            {
                ParseMembers(target, types[types.SkipModifiers(member.TypeId)], bits);
            }
            else if (member.NameOffset != 0 && !resolver.IsEmptyArray(member.TypeId))
            {
                ParseMember(target, type.Id, i, member, bits);
            }
        }
    }

    private void ParseMember(Target target, int structId, int index, BtfMember member, long bits)
    {
        string cName = types.GetString(member.NameOffset);
        try
        {
            ValueShape shape = resolver.Resolve(member.TypeId);
            CheckPlace(target, cName, member, bits, shape);
            if (!target.Scope.TryClaim("field", cName, out string name))
            {
                return;
            }

            SumModel? sum = target.AddsUp ? Sum(member.TypeId, summation.OperationOf(structId, index)) : null;
            FieldModel field = member.BitfieldSize > 0
                ? Bitfield(target, member, bits, name, shape)
                : new FieldModel(Declare(member), name, Kind(shape), shape.Type, (int)(bits / 8), shape.Size, null, sum);
            target.Fields.Add(field with { CName = cName });
            if (shape.Kind == ValueKind.BigEndian && member.BitfieldSize == 0)
            {
                target.Scope.TryClaimAs(name + FieldModel.HostOrderSuffix, "host order of", cName, out _);
            }
        }
        catch (UnsupportedTypeException exception)
        {
            findings.Add(DiagnosticIds.UnsupportedType, cName, 0, "field", $"{target.Struct.CName}.{cName}", exception.Message);
        }
    }

    private FieldModel Bitfield(Target target, BtfMember member, long bits, string name, ValueShape shape)
    {
        BtfType type = types[types.SkipModifiers(member.TypeId)];
        bool isSigned = type.IsEnum ? type.KindFlag : (type.IntEncoding & BtfIntEncoding.Signed) != 0;
        BitfieldModel placed = BitfieldPlacement.Place(bits, member.BitfieldSize, target.Size, isSigned, shape.Kind == ValueKind.Boolean);
        string csharp = placed.IsBoolean ? "bool" : shape.Type;
        return new FieldModel(Declare(member), name, FieldKind.Bitfield, csharp, placed.Storage[0].Offset, shape.Size, placed, null);
    }

    private SumModel Sum(int typeId, SumOperation operation)
    {
        var dimensions = new List<int>();
        BtfType type = types[types.SkipModifiers(typeId)];
        while (type.Kind == BtfKind.Array)
        {
            dimensions.Add((int)type.Array.Count);
            type = types[types.SkipModifiers(type.Array.ElementTypeId)];
        }

        string element = resolver.Resolve(type.Id).Type;
        return type.Kind == BtfKind.Struct
            ? new SumModel(operation, dimensions.ToEquatableArray(), null, element)
            : new SumModel(operation, dimensions.ToEquatableArray(), element, null);
    }

    private string Declare(BtfMember member)
        => CTypeNames.Declare(types, member.TypeId, types.GetString(member.NameOffset), member.BitfieldSize);

    private void CheckPlace(Target target, string cName, BtfMember member, long bits, ValueShape shape)
    {
        bool isBitfield = member.BitfieldSize > 0;
        long end = bits + (isBitfield ? member.BitfieldSize : shape.Size * 8L);
        BtfKind kind = types[types.SkipModifiers(member.TypeId)].Kind;
        bool isPossible = isBitfield
            ? member.BitfieldSize <= shape.Size * 8 && shape.Size <= 8 && kind is BtfKind.Int or BtfKind.Enum or BtfKind.Enum64
            : bits % 8 == 0;
        if (end > target.Size * 8L || !isPossible)
        {
            throw new BpfObjectFormatException(
                types.Source, ".BTF", null, $"member {cName} of {target.Struct.CName} at bit {bits} does not fit into its {target.Size} bytes");
        }
    }

    private static FieldKind Kind(ValueShape shape) => shape.Kind switch
    {
        ValueKind.Boolean => FieldKind.Boolean,
        ValueKind.BigEndian => FieldKind.BigEndian,
        _ => FieldKind.Plain,
    };

    private sealed record Target(NamedType Struct, int Size, bool AddsUp, NameScope Scope, List<FieldModel> Fields);
}
