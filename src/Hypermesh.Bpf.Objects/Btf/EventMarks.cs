namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>Reads the marks that the macros of <c>hypermesh/event.h</c> leave in an object's types: the records of its maps and their kinds.</summary>
internal static class EventMarks
{
    private const string EventPrefix = "hm_event__";
    private const string RecordsTag = "hypermesh.records:";
    private const string KindTag = "hypermesh.kind:";

    /// <summary>Returns the types that HM_EVENT keeps: it defines an unused function whose argument points to the type.</summary>
    public static IEnumerable<int> Events(BtfTypes types)
    {
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id] is { Kind: BtfKind.Function } function && function.Name.StartsWith(EventPrefix, StringComparison.Ordinal)
                && types[function.TypeId] is { Kind: BtfKind.FunctionPrototype, Length: 1 } prototype
                && types[types.SkipModifiers(prototype.Parameter(0).TypeId)] is { Kind: BtfKind.Pointer } pointer)
            {
                yield return pointer.TypeId;
            }
        }
    }

    /// <summary>Returns the uses of HM_RECORDS(T): the variable of a map, and T as written in the C.</summary>
    public static IEnumerable<(int VariableId, string Type)> Records(BtfTypes types) => Tags(types, RecordsTag).Select(static tag => (tag.TypeId, tag.Argument));

    /// <summary>Returns the uses of HM_KIND(constant): a struct or union, the index of the member, and the constant as written in the C.</summary>
    public static IEnumerable<(int StructId, int Member, string Constant)> Kinds(BtfTypes types) => Tags(types, KindTag);

    /// <summary>Finds the type that a tag names, such as <c>struct event</c>; 0 when there is none.</summary>
    public static int Find(BtfTypes types, string cType)
    {
        int space = cType.IndexOf(' ');
        string name = cType.Substring(space + 1);
        BtfKind[] kinds = cType.Substring(0, Math.Max(space, 0)) switch
        {
            "struct" => [BtfKind.Struct],
            "union" => [BtfKind.Union],
            _ => [BtfKind.Typedef, BtfKind.Struct, BtfKind.Union],
        };
        return kinds.Select(kind => types.Find(name, kind)).FirstOrDefault(static id => id != 0);
    }

    private static IEnumerable<(int TypeId, int Member, string Argument)> Tags(BtfTypes types, string prefix)
    {
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id] is { Kind: BtfKind.DeclarationTag } tag && tag.Name.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return (tag.TypeId, tag.DeclarationTagComponent, tag.Name.Substring(prefix.Length).Trim());
            }
        }
    }
}
