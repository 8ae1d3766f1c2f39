using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Creates the model of one struct or union.</summary>
/// <param name="types">The object's types.</param>
/// <param name="resolver">Says how C# stores a member.</param>
/// <param name="summation">Says which structs are summed.</param>
/// <param name="events">Says which members are events.</param>
/// <param name="unions">Creates the models of records of several kinds.</param>
/// <param name="findings">Receives what could not be expressed.</param>
internal sealed class StructParser(
    BtfTypes types,
    TypeResolver resolver,
    SummationRules summation,
    EventTypes events,
    EventUnionParser unions,
    Findings findings)
{
    public StructModel Parse(NamedType named)
    {
        BtfType type = types[named.Id];
        bool addsUp = summation.IsSummed(named.Id);
        IEnumerable<string> reserved = ReservedNames.OfObject.Append(named.Name);
        reserved = addsUp ? reserved.Append(ReservedNames.Sum) : reserved;
        var scope = new NameScope(named.CName, "Field", events.IsUnion(named.Id) ? reserved.Concat(ReservedNames.OfEventUnion) : reserved, findings, named.Key + ".");
        scope.Foresee(MemberNames(type, 0));
        var target = new Target(named, resolver.SizeOf(type), addsUp, scope, [], [], []);
        if (!KernelOwned.IsStruct(type))
        {
            ParseMembers(target, type, 0);
        }

        EventUnionModel? union = target.Cases.Count > 0 ? unions.Parse(named, target.Cases, target.Fields, scope) : null;
        return new StructModel(named.CName, named.Name, (int)type.Size, addsUp, target.Fields.ToEquatableArray(), union, default)
        {
            Key = named.Key,
            Unshown = target.Unshown.ToEquatableArray(),
        };
    }

    private IEnumerable<string> MemberNames(BtfType type, int depth)
    {
        for (int i = 0; depth < TypeNesting.MaximumDepth && i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            IEnumerable<string> names = TypeNesting.IsTransparent(types, member)
                ? MemberNames(types[types.SkipModifiers(member.TypeId)], depth + 1)
                : [types.GetString(member.NameOffset)];
            foreach (string name in names.Where(static name => name.Length > 0))
            {
                yield return name;
            }
        }
    }

    private void ParseMembers(Target target, BtfType type, long baseBits)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            long bits = baseBits + member.BitOffset;
            if (TypeNesting.IsTransparent(types, member))
            {
                ParseMembers(target, types[types.SkipModifiers(member.TypeId)], bits);
            }
            else if (member.NameOffset != 0 && resolver.IsEmpty(member.TypeId))
            {
                ParseFlexible(target, member, bits);
            }
            else if (member.NameOffset != 0)
            {
                ParseMember(target, type.Id, i, member, bits);
            }
        }
    }

    private void ParseFlexible(Target target, BtfMember member, long bits)
    {
        string cName = types.GetString(member.NameOffset);
        int element = resolver.ElementOfEmptyArray(member.TypeId);
        try
        {
            if (element != 0 && !KernelOwned.Is(types, element) && bits <= target.Size * 8L)
            {
                ValueShape shape = resolver.Resolve(element);
                if (target.Scope.TryClaim("field", cName, out string name))
                {
                    target.Fields.Add(new FieldModel(cName, Declare(member), name, FieldKind.Flexible, shape.Type, (int)(bits / 8), 0, null, null));
                }
            }
        }
        catch (UnsupportedTypeException exception)
        {
            findings.Add(DiagnosticIds.UnsupportedType, $"{target.Struct.Key}.{cName}", 0, "field", $"{target.Struct.CName}.{cName}", exception.Message);
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
                : new FieldModel(cName, Declare(member), name, Kind(member, shape), shape.Type, (int)(bits / 8), shape.Size, null, sum);
            target.Fields.Add(field);
            if (field.Kind == FieldKind.BigEndian)
            {
                target.Scope.TryClaimAs(name + FieldModel.HostOrderSuffix, "host order of", cName, out _);
            }

            if (events.ConstantOf(structId, index) is { } constant)
            {
                target.Cases.Add(new EventCase(cName, constant, field));
            }
        }
        catch (UnsupportedTypeException exception)
        {
            KeepBits(target, member, bits);
            findings.Add(DiagnosticIds.UnsupportedType, $"{target.Struct.Key}.{cName}", 0, "field", $"{target.Struct.CName}.{cName}", exception.Message);
        }
    }

    // A member without a C# type still occupies its bytes, where its size is known.
    private void KeepBits(Target target, BtfMember member, long bits)
    {
        int innermost = types.SkipModifiers(member.TypeId);
        for (int depth = 0; types[innermost].Kind == BtfKind.Array && depth < TypeNesting.MaximumDepth; depth++)
        {
            innermost = types.SkipModifiers(types[innermost].Array.ElementTypeId);
        }

        bool hasSize = types[innermost].Kind is not (BtfKind.Forward or BtfKind.Void) && !KernelOwned.Is(types, innermost);
        long length = member.BitfieldSize > 0 ? member.BitfieldSize : hasSize ? types.SizeOf(member.TypeId) * 8 : 0;
        if (bits + length <= target.Size * 8L)
        {
            target.Unshown.Add(new BitRange(bits, length));
        }
    }

    private FieldModel Bitfield(Target target, BtfMember member, long bits, string name, ValueShape shape)
    {
        BtfType type = types[types.SkipModifiers(member.TypeId)];
        bool isSigned = type.IsEnum ? type.KindFlag : (type.IntEncoding & BtfIntEncoding.Signed) != 0;
        BitfieldModel placed = BitfieldPlacement.Place(bits, member.BitfieldSize, target.Size, isSigned, shape.Kind == ValueKind.Boolean);
        string csharp = placed.IsBoolean ? "bool" : type.Kind == BtfKind.Int ? CSharpIntegers.Name(shape.Size, isSigned)! : shape.Type;
        return new FieldModel(types.GetString(member.NameOffset), Declare(member), name, FieldKind.Bitfield, csharp, placed.Storage[0].Offset, shape.Size, placed, null);
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
            ? member.BitfieldSize <= shape.Size * 8 && CSharpIntegers.Name(shape.Size, isSigned: false) is not null && kind is BtfKind.Int or BtfKind.Enum or BtfKind.Enum64
            : bits % 8 == 0;
        if (end > target.Size * 8L || !isPossible)
        {
            throw new BpfObjectFormatException(
                types.Source, ".BTF", null, $"member {cName} of {target.Struct.CName} at bit {bits} does not fit into its {target.Size} bytes");
        }
    }

    private FieldKind Kind(BtfMember member, ValueShape shape) => shape.Kind switch
    {
        _ when KernelOwned.Is(types, member.TypeId) => FieldKind.Hidden,
        ValueKind.Boolean => FieldKind.Boolean,
        ValueKind.BigEndian => FieldKind.BigEndian,
        _ => FieldKind.Plain,
    };

    private sealed record Target(NamedType Struct, int Size, bool AddsUp, NameScope Scope, List<FieldModel> Fields, List<EventCase> Cases, List<BitRange> Unshown);
}

/// <summary>
/// Chooses the hidden fields that hold a bitfield's bits: the smallest aligned unit that covers them and is within the
/// struct; single bytes where none does, as in packed structs and of more than 64 bits.
/// </summary>
internal static class BitfieldPlacement
{
    private const int MostBytes = 16;

    private static readonly int[] s_units = [1, 2, 4, 8];

    /// <exception cref="UnsupportedTypeException">The bits are in seventeen bytes.</exception>
    public static BitfieldModel Place(long bitOffset, uint width, int structSize, bool isSigned, bool isBoolean)
    {
        int firstByte = (int)(bitOffset / 8);
        int lastByte = (int)((bitOffset + width - 1) / 8);
        foreach (int unit in s_units)
        {
            int start = firstByte / unit * unit;
            if (lastByte < start + unit && start + unit <= structSize)
            {
                return new BitfieldModel(
                    new EquatableArray<FieldLayout>([Storage(start, unit)]),
                    (int)bitOffset - (start * 8),
                    (int)width,
                    isSigned,
                    isBoolean);
            }
        }

        if (lastByte - firstByte >= MostBytes)
        {
            throw new UnsupportedTypeException("its bits are spread over seventeen bytes.");
        }

        IEnumerable<FieldLayout> bytes = Enumerable.Range(firstByte, lastByte - firstByte + 1).Select(offset => Storage(offset, 1));
        return new BitfieldModel(bytes.ToEquatableArray(), (int)bitOffset - (firstByte * 8), (int)width, isSigned, isBoolean);
    }

    private static FieldLayout Storage(int offset, int size) => new($"_bits{offset}_{size}", offset, size);
}
