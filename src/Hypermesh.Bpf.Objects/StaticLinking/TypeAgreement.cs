using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>
/// Compares the types of one name in two objects. Qualifiers, typedefs, the names of parameters, the signs of integers, the values of enums and the
/// lengths of arrays are ignored. Structs must have equal members; structs behind a pointer are compared only by name.
/// </summary>
internal sealed class TypeAgreement(BtfTypes first, BtfTypes second)
{
    private const int DeepestNesting = 64;

    private readonly HashSet<(int First, int Second, bool Exact)> _compared = [];

    /// <summary>Returns the description of the first difference; null when the types agree.</summary>
    public string? Difference(int firstId, int secondId) => Compare(firstId, secondId, exact: true, 0);

    private string? Compare(int firstId, int secondId, bool exact, int depth)
    {
        if (depth > DeepestNesting)
        {
            return $"the types are nested more than {DeepestNesting} deep";
        }

        BtfType one = first[first.SkipModifiers(firstId)];
        BtfType two = second[second.SkipModifiers(secondId)];
        if (!_compared.Add((one.Id, two.Id, exact)))
        {
            return null;
        }

        if (!exact && (one.Kind == BtfKind.Forward) != (two.Kind == BtfKind.Forward))
        {
            return Forward(one, two);
        }

        if (one.Kind != two.Kind)
        {
            return $"{Describe(one)} is not {Describe(two)}";
        }

        return one.Kind switch
        {
            BtfKind.Void => null,
            BtfKind.Int or BtfKind.Float => one.Size == two.Size ? null : Sizes(one, two),
            BtfKind.Enum or BtfKind.Enum64 => Named(one, two) ?? (one.Size == two.Size ? null : Sizes(one, two)),
            BtfKind.Forward => Named(one, two),
            BtfKind.Pointer => Compare(one.TypeId, two.TypeId, exact: false, depth + 1),
            BtfKind.Array => Compare(one.Array.ElementTypeId, two.Array.ElementTypeId, exact, depth + 1),
            BtfKind.Function or BtfKind.Variable => Compare(one.TypeId, two.TypeId, exact, depth + 1),
            BtfKind.Struct or BtfKind.Union => Named(one, two) ?? (exact ? Members(one, two, depth) : null),
            BtfKind.FunctionPrototype => Parameters(one, two, exact, depth),
            _ => $"{Describe(one)} is not the type of a variable or function",
        };
    }

    private static string? Forward(BtfType one, BtfType two)
    {
        BtfType declared = one.Kind == BtfKind.Forward ? one : two;
        BtfType defined = one.Kind == BtfKind.Forward ? two : one;
        return defined.Kind == (declared.KindFlag ? BtfKind.Union : BtfKind.Struct) ? Named(one, two) : $"{Describe(one)} is not {Describe(two)}";
    }

    private static string? Named(BtfType one, BtfType two) => one.NameBytes.SequenceEqual(two.NameBytes) ? null : $"{Describe(one)} is not {Describe(two)}";

    private static string Sizes(BtfType one, BtfType two) => $"{Describe(one)} of {one.Size} bytes is not {Describe(two)} of {two.Size} bytes";

    private static string Describe(BtfType type) => type.Kind == BtfKind.Void ? "void" : type.Name.Length == 0 ? $"{type.Kind}" : $"{type.Kind} '{type.Name}'";

    private string? Members(BtfType one, BtfType two, int depth)
    {
        if (one.Length != two.Length)
        {
            return $"{Describe(one)} has {one.Length} and {two.Length} members";
        }

        for (int i = 0; i < one.Length; i++)
        {
            BtfMember a = one.Member(i);
            BtfMember b = two.Member(i);
            string name = first.GetString(a.NameOffset);
            if (name != second.GetString(b.NameOffset) || a.BitOffset != b.BitOffset || a.BitfieldSize != b.BitfieldSize)
            {
                return $"member {i} of {Describe(one)} is '{name}' at bit {a.BitOffset} and '{second.GetString(b.NameOffset)}' at bit {b.BitOffset}";
            }

            if (Compare(a.TypeId, b.TypeId, exact: true, depth + 1) is { } difference)
            {
                return $"member '{name}' of {Describe(one)}: {difference}";
            }
        }

        return null;
    }

    private string? Parameters(BtfType one, BtfType two, bool exact, int depth)
    {
        if (one.Length != two.Length)
        {
            return $"it has {one.Length} and {two.Length} parameters";
        }

        for (int i = 0; i < one.Length; i++)
        {
            if (Compare(one.Parameter(i).TypeId, two.Parameter(i).TypeId, exact, depth + 1) is { } difference)
            {
                return $"parameter {i + 1}: {difference}";
            }
        }

        return Compare(one.TypeId, two.TypeId, exact, depth + 1) is { } result ? $"result: {result}" : null;
    }
}

/// <summary>Compares the definitions of one map in two objects; an extern declaration of a map contains its whole definition.</summary>
internal static class MapAgreement
{
    private static readonly (string What, Func<BpfMapSpec, object> Value)[] s_rows =
    [
        ("type", static map => map.Type),
        ("key_size", static map => map.KeySize),
        ("value_size", static map => map.ValueSize),
        ("max_entries", static map => map.MaxEntries),
        ("map_flags", static map => (uint)map.Flags),
        ("map_extra", static map => map.MapExtra),
        ("numa_node", static map => map.NumaNode),
        ("pinning", static map => map.IsPinnedByName),
        ("key type", static map => map.KeyTypeId != 0),
        ("value type", static map => map.ValueTypeId != 0),
        ("inner map", static map => map.InnerMap is not null),
    ];

    /// <summary>Returns the description of the first difference; null when the definitions agree.</summary>
    public static string? Difference(LinkedSymbol one, LinkedSymbol two)
        => Difference(Definition(one), one.Origin.Types!, Definition(two), two.Origin.Types!);

    private static BpfMapSpec Definition(LinkedSymbol symbol) => MapDefinitionReader.ReadOne(symbol.Origin.Elf, symbol.Origin.Types!, symbol.Name, symbol.TypeId);

    private static string? Difference(BpfMapSpec one, BtfTypes first, BpfMapSpec two, BtfTypes second)
    {
        foreach ((string what, Func<BpfMapSpec, object> value) in s_rows)
        {
            if (!value(one).Equals(value(two)))
            {
                return $"{what} {value(one)} and {value(two)}";
            }
        }

        var types = new TypeAgreement(first, second);
        return types.Difference(one.KeyTypeId, two.KeyTypeId) is { } key ? $"key: {key}"
            : types.Difference(one.ValueTypeId, two.ValueTypeId) is { } content ? $"value: {content}"
            : one.InnerMap is { } inner ? Difference(inner, first, two.InnerMap!, second)
            : null;
    }
}
