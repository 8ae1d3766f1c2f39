using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports map definitions that the kernel rejects, and definitions outside of <c>SEC(".maps")</c>, which are plain variables.</summary>
internal static class MapDefinitionCheck
{
    private const string MapsSection = ".maps";

    // __uint makes a pointer to an array, __type a pointer, __array an array of pointers. A struct of plain data does not have such members with these names.
    private static readonly HashSet<string> s_members = new(StringComparer.Ordinal)
    {
        "type", "max_entries", "map_flags", "numa_node", "map_extra", "pinning", "key_size", "value_size", "key", "value", "values",
    };

    public static void Run(BpfObjectSpec spec, BtfTypes types, Findings findings)
    {
        foreach (BpfMapSpec map in spec.Maps)
        {
            Check(map, types, $"'{map.Name}'", map.Name, findings);
            if (map.InnerMap is { } inner)
            {
                Check(inner, types, $"within '{map.Name}'", map.Name, findings);
            }
        }

        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id].Kind == BtfKind.DataSection && types[id].Name != MapsSection)
            {
                CheckVariables(types, types[id], findings);
            }
        }
    }

    private static void Check(BpfMapSpec map, BtfTypes types, string which, string cName, Findings findings)
    {
        string[] lacking = [.. MapDefinitionFacts.Lacking(map.Type, map.KeySize, map.ValueSize, map.MaxEntries)];
        if (lacking.Length > 0)
        {
            findings.Add(SourceIds.IncompleteMap, cName, 0, which, $"{map.Type}",
                $"states no {string.Join(" and no ", lacking)}, and the kernel rejects such a map. Write {string.Join(" ", lacking.Select(MapDefinitionFacts.Line))} in it; if C# sets it in the spec before Load, any value will do.");
            return;
        }

        string[] faults = [.. MapFaults.OfShape(map.Type, map.KeySize, map.ValueSize, map.MaxEntries, map.Flags), .. MapFaults.OfFields(map.Type, map.ValueTypeId == 0 ? [] : MapFaults.FieldsIn(types, map.ValueTypeId))];
        if (faults.Length > 0)
        {
            findings.Add(SourceIds.IncompleteMap, cName, 0, which, $"{map.Type}", $"is rejected by the kernel. {string.Join(" ", faults)}");
        }
    }

    private static void CheckVariables(BtfTypes types, BtfType section, Findings findings)
    {
        for (int i = 0; i < section.Length; i++)
        {
            BtfType variable = types[section.SectionVariable(i).TypeId];
            if (variable.Kind == BtfKind.Variable && IsDefinition(types, types[types.SkipModifiers(variable.TypeId)]))
            {
                findings.Add(SourceIds.MapOutsideMaps, variable.Name, 0, variable.Name, section.Name);
            }
        }
    }

    private static bool IsDefinition(BtfTypes types, BtfType type)
    {
        if (type.Kind != BtfKind.Struct || type.Length == 0)
        {
            return false;
        }

        bool statesType = false;
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            string name = types.GetString(member.NameOffset);
            BtfType kind = types[types.SkipModifiers(member.TypeId)];
            if (!s_members.Contains(name) || kind.Kind is not (BtfKind.Pointer or BtfKind.Array))
            {
                return false;
            }

            statesType |= name == "type" && kind.Kind == BtfKind.Pointer && types[types.SkipModifiers(kind.TypeId)].Kind == BtfKind.Array;
        }

        return statesType;
    }
}
