using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.BpfSdk.Skeletons.Sources;

/// <summary>Writes BTF types as C, for documentation and messages.</summary>
internal static class CTypeNames
{
    private const int MaximumDepth = 16;

    public static string Describe(BtfTypes types, int id) => Describe(types, id, 0);

    /// <summary>Returns a declaration in C: <c>char comm[16]</c>.</summary>
    public static string Declare(BtfTypes types, int id, string name, uint bits)
    {
        string type = Describe(types, id);
        int lengths = type.IndexOf('[');
        string declaration = lengths < 0 ? $"{type} {name}" : $"{type.Substring(0, lengths)} {name}{type.Substring(lengths)}";
        return (bits > 0 ? $"{declaration} : {bits}" : declaration).Replace("* ", "*");
    }

    /// <summary>Returns the C keyword of a struct, union or enum.</summary>
    public static string Keyword(BtfKind kind) => kind switch
    {
        BtfKind.Union => "union",
        BtfKind.Enum or BtfKind.Enum64 => "enum",
        _ => "struct",
    };

    private static string Describe(BtfTypes types, int id, int depth)
    {
        if (depth > MaximumDepth)
        {
            return "…";
        }

        BtfType type = types[id];
        switch (type.Kind)
        {
            case BtfKind.Void:
                return "void";
            case BtfKind.Pointer:
                return Describe(types, type.TypeId, depth + 1) + " *";
            case BtfKind.Array:
                return DescribeArray(types, type, depth);
            case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag:
                return Describe(types, type.TypeId, depth + 1);
            case BtfKind.FunctionPrototype:
                return "function";
            case BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Forward:
                return $"{Keyword(type.Kind)} {(type.Name.Length > 0 ? type.Name : "{ … }")}";
            default:
                return type.Name;
        }
    }

    private static string DescribeArray(BtfTypes types, BtfType array, int depth)
    {
        string lengths = "";
        for (; array.Kind == BtfKind.Array && depth <= MaximumDepth; depth++)
        {
            lengths += $"[{array.Array.Count}]";
            array = types[array.Array.ElementTypeId];
        }

        return Describe(types, array.Id, depth + 1) + lengths;
    }
}

/// <summary>The limit on the nesting of types, and the members that belong to the surrounding struct.</summary>
internal static class TypeNesting
{
    /// <summary>Deeper than any real C; it stops at a damaged object with endless nesting.</summary>
    public const int MaximumDepth = 64;

    /// <summary>Returns true for a member without a name, whose own members belong to the surrounding struct.</summary>
    public static bool IsTransparent(BtfTypes types, BtfMember member)
        => member.NameOffset == 0 && types[types.SkipModifiers(member.TypeId)].IsComposite;
}
