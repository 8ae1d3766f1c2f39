namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>Which types others refer to: an enum without a name that nothing refers to still has constants.</summary>
internal static class CReferences
{
    /// <summary>For each of the blob's own types, whether another one refers to it.</summary>
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
