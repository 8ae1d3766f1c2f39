using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation.Hooks;

/// <summary>Writes a type as C does in a declaration without a name.</summary>
internal static class TypeText
{
    internal static string Of(BtfTypes types, int id)
    {
        BtfType type = types[id];
        return type.Kind switch
        {
            BtfKind.Void => "void",
            BtfKind.Pointer => Pointer(Of(types, type.TypeId)),
            BtfKind.Const => $"const {Of(types, type.TypeId)}",
            BtfKind.Volatile => $"volatile {Of(types, type.TypeId)}",
            BtfKind.Restrict or BtfKind.TypeTag => Of(types, type.TypeId),
            BtfKind.Struct => $"struct {Name(type)}",
            BtfKind.Union => $"union {Name(type)}",
            BtfKind.Forward => $"{(type.KindFlag ? "union" : "struct")} {Name(type)}",
            BtfKind.Enum or BtfKind.Enum64 => $"enum {Name(type)}",
            BtfKind.Array => $"{Of(types, type.Array.ElementTypeId)}[{type.Array.Count}]",
            BtfKind.FunctionPrototype => "void (…)",
            _ => type.Name,
        };
    }

    private static string Pointer(string target) => target.EndsWith('*') ? target + "*" : target + " *";

    private static string Name(BtfType type) => type.NameOffset == 0 ? "{…}" : type.Name;
}
