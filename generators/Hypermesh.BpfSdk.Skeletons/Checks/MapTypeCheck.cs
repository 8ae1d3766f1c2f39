using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports maps whose definition gives the sizes of keys and values and not their types, and keys that are the address of a text.</summary>
internal static class MapTypeCheck
{
    // Which of the two C# gets as a type argument.
    private static readonly Dictionary<MapArguments, (bool Key, bool Value)> s_typed = new()
    {
        [MapArguments.Key] = (true, false),
        [MapArguments.KeyAndInner] = (true, false),
        [MapArguments.Value] = (false, true),
        [MapArguments.KeyAndValue] = (true, true),
    };

    public static void Run(BpfObjectSpec spec, BtfTypes types, Findings findings)
    {
        foreach (BpfMapSpec map in spec.Maps)
        {
            Check(map, $"'{map.Name}'", map.Name, types, findings);
            if (map.InnerMap is { } inner)
            {
                Check(inner, $"within '{map.Name}'", map.Name, types, findings);
            }
        }
    }

    private static void Check(BpfMapSpec map, string which, string cName, BtfTypes types, Findings findings)
    {
        if (!s_typed.TryGetValue(MapClasses.Find(map.Type).Arguments, out (bool Key, bool Value) typed))
        {
            return;
        }

        (string Part, int Size)[] untyped = [.. new[] { ("key", typed.Key && map.KeyTypeId == 0 ? map.KeySize : 0), ("value", typed.Value && map.ValueTypeId == 0 ? map.ValueSize : 0) }.Where(static part => part.Item2 > 0)];
        if (untyped.Length > 0)
        {
            findings.Add(SourceIds.UntypedMap, cName, 0, which, string.Join(" and ", untyped.Select(static part => $"the size of its {part.Part} ({part.Size} bytes)")),
                string.Join(" and ", untyped.Select(static part => $"__type({part.Part}, TYPE);")), string.Join(" and ", untyped.Select(static part => $"__uint({part.Part}_size, …);")));
        }

        if (typed.Key && HasTextAddress(types, map.KeyTypeId))
        {
            findings.Add(SourceIds.AddressInMap, cName, 0, $"The key of map {which}, '{CTypeNames.Describe(types, map.KeyTypeId)}',", "is the address of a text, so equal texts at two addresses are two keys, and C# gets a number",
                "struct key { char name[16]; };, clear it, and copy the text into it with bpf_probe_read_kernel_str or bpf_probe_read_user_str");
        }
    }

    /// <summary>Returns true for a pointer to text, and for a struct that has one; such a key is reported at its definition.</summary>
    public static bool HasTextAddress(BtfTypes types, int id) => id != 0 && HasText(types, id, []);

    private static bool HasText(BtfTypes types, int id, HashSet<int> seen)
    {
        BtfType type = types[types.SkipModifiers(id)];
        if (type.Kind == BtfKind.Pointer)
        {
            return types[types.SkipModifiers(type.TypeId)] is { Kind: BtfKind.Int, Size: 1, Name: "char" };
        }

        // A union may hold another one several times, at each level.
        bool isNew = type.IsComposite && seen.Add(type.Id);
        for (int i = 0; isNew && i < type.Length; i++)
        {
            if (HasText(types, type.Member(i).TypeId, seen))
            {
                return true;
            }
        }

        return false;
    }
}
