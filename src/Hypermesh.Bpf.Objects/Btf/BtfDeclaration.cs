namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>Writes C declarations for messages, such as <c>int bpf_task_acquire(struct task_struct *)</c>.</summary>
internal static class BtfDeclaration
{
    private const int Deepest = 16;

    /// <summary>Returns the declaration of a variable or function.</summary>
    public static string Of(BtfTypes types, int id)
    {
        BtfType type = types[id];
        if (type.Kind != BtfKind.Function)
        {
            return $"{TypeName(types, type.TypeId, 0)} {type.Name}";
        }

        BtfType prototype = types[type.TypeId];
        var parameters = new List<string>();
        for (int i = 0; i < prototype.Length; i++)
        {
            int parameter = prototype.Parameter(i).TypeId;
            // A last parameter without a type is the ellipsis.
            parameters.Add(parameter == 0 ? "..." : TypeName(types, parameter, 0));
        }

        return $"{TypeName(types, prototype.TypeId, 0)} {type.Name}({(parameters.Count == 0 ? "void" : string.Join(", ", parameters))})";
    }

    private static string TypeName(BtfTypes types, int id, int depth)
    {
        BtfType type = types[id];
        if (depth > Deepest)
        {
            return "…";
        }

        string name = type.Name.Length == 0 ? "{…}" : type.Name;
        return type.Kind switch
        {
            BtfKind.Void => "void",
            BtfKind.Pointer => Pointer(TypeName(types, type.TypeId, depth + 1)),
            BtfKind.Const => "const " + TypeName(types, type.TypeId, depth + 1),
            BtfKind.Volatile => "volatile " + TypeName(types, type.TypeId, depth + 1),
            BtfKind.Restrict or BtfKind.TypeTag => TypeName(types, type.TypeId, depth + 1),
            BtfKind.Struct => "struct " + name,
            BtfKind.Union => "union " + name,
            BtfKind.Forward => $"{(type.KindFlag ? "union" : "struct")} {name} (without a body)",
            BtfKind.Enum or BtfKind.Enum64 => "enum " + name,
            BtfKind.Array => $"{TypeName(types, type.Array.ElementTypeId, depth + 1)}[{type.Array.Count}]",
            BtfKind.FunctionPrototype => "function",
            _ => name,
        };
    }

    private static string Pointer(string target) => target.EndsWith("*", StringComparison.Ordinal) ? target + "*" : target + " *";
}
