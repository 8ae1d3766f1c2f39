namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>Writes the statements of the header in the order of the calls.</summary>
internal sealed class CStatements(CNames names, CText text, CDefinitions definitions)
{
    // The type behind <stdarg.h>, which is a typedef of void in the BTF of some compilers.
    private const string GnuList = "__gnuc_va_list";

    public void Forward(BtfType type) => text.Line(names.Tag(type) + ";\n");

    public void Composite(BtfType type) => text.Line(definitions.Composite(type, 0) + ";\n");

    public void Enum(BtfType type)
    {
        if (type.Length == 0)
        {
            return;
        }

        // An unnamed enum is written where it is used, or by UnusedEnum.
        if (type.NameOffset != 0)
        {
            Guarded(definitions.Enum(type, 0) + ";\n", HasWordOfC23(type));
        }
    }

    public void UnusedEnum(BtfType type) => Guarded(definitions.Enum(type, 0) + ";\n", HasWordOfC23(type));

    public void Typedef(BtfType type)
    {
        string name = names.Text(type.NameOffset);
        string declaration = name == GnuList && type.TypeId == 0
            ? $"{CNames.BuiltinList} {names.Typedef(type)}"
            : definitions.Declarations.Declare(type.TypeId, names.Typedef(type), 0);
        Guarded($"typedef {declaration};\n", CNames.IsWordOfC23(name));
    }

    private bool HasWordOfC23(BtfType type)
    {
        for (int i = 0; i < type.Length; i++)
        {
            if (CNames.IsWordOfC23(names.Text(type.EnumValue(i).NameOffset)))
            {
                return true;
            }
        }

        return false;
    }

    private void Guarded(string statement, bool isGuarded)
        => text.Line(isGuarded ? $"{CNames.BeforeC23}\n{statement}#endif\n" : statement);
}

/// <summary>The text around the types in a header. Its names are those of <c>bpftool</c>'s header, so one can replace the other.</summary>
internal static class CFrame
{
    public const string Begin =
        """
        #ifndef __VMLINUX_H__
        #define __VMLINUX_H__

        #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
        #pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
        #endif

        #ifndef __ksym
        #define __ksym __attribute__((section(".ksyms")))
        #endif

        #ifndef __weak
        #define __weak __attribute__((weak))
        #endif

        #ifndef __bpf_fastcall
        #if __has_attribute(bpf_fastcall)
        #define __bpf_fastcall __attribute__((bpf_fastcall))
        #else
        #define __bpf_fastcall
        #endif
        #endif

        """;

    public const string FunctionsBegin = "#ifndef BPF_NO_KFUNC_PROTOTYPES\n";

    public const string FunctionsEnd = "\n#endif\n";

    public const string End =
        """
        #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
        #pragma clang attribute pop
        #endif

        #endif /* __VMLINUX_H__ */
        """;
}

/// <summary>Finds the types that others refer to, because an unnamed enum without a reference still has constants to write.</summary>
internal static class CReferences
{
    /// <summary>Returns, for each of the blob's own types, whether another one refers to it.</summary>
    public static bool[] Find(BtfTypes types)
    {
        var found = new bool[types.Count - types.FirstId];
        for (int id = types.FirstId; id < types.Count; id++)
        {
            Mark(types[id], target =>
            {
                if (target >= types.FirstId)
                {
                    found[target - types.FirstId] = true;
                }
            });
        }

        return found;
    }

    private static void Mark(BtfType type, Action<int> mark)
    {
        switch (type.Kind)
        {
            case BtfKind.Struct or BtfKind.Union:
                Each(type, static (t, i) => t.Member(i).TypeId, mark);
                break;
            case BtfKind.Array:
                mark(type.Array.ElementTypeId);
                break;
            case BtfKind.FunctionPrototype:
                mark(type.TypeId);
                Each(type, static (t, i) => t.Parameter(i).TypeId, mark);
                break;
            case BtfKind.Pointer or BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag or BtfKind.Variable:
                mark(type.TypeId);
                break;
            default:
                break;
        }
    }

    private static void Each(BtfType type, Func<BtfType, int, int> target, Action<int> mark)
    {
        for (int i = 0; i < type.Length; i++)
        {
            mark(target(type, i));
        }
    }
}
