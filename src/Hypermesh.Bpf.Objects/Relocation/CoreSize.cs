using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>Which types CO-RE can measure: those with a size in memory, arrays of them included.</summary>
internal static class CoreSize
{
    public static bool HasSize(BtfTypes types, int id) => Innermost(types, id) is { } inner
        && inner.Kind is not (BtfKind.Void or BtfKind.Forward or BtfKind.Function or BtfKind.FunctionPrototype);

    /// <summary>The type of the elements of an array of any depth; the type itself when it is no array.</summary>
    public static BtfType Innermost(BtfTypes types, int id)
    {
        BtfType type = types[types.SkipModifiers(id)];
        for (int depth = 0; type.Kind == BtfKind.Array && depth < CoreSpec.MaximumSteps; depth++)
        {
            type = types[types.SkipModifiers(type.Array.ElementTypeId)];
        }

        return type;
    }
}
