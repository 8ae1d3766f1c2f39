using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Compatibility;

/// <summary>
/// Compares an object with the one that a class was generated from, to decide whether it can replace that object. It must have the same maps, programs, variables and
/// records, by name, of the same kind and layout. It may have others in addition, and other map sizes and program targets.
/// </summary>
internal static class ObjectInterface
{
    /// <summary>Returns every difference that affects the class, each as a part of a sentence; empty when the object can replace the other.</summary>
    /// <param name="generated">The object that the class was generated from.</param>
    /// <param name="other">The object to use instead.</param>
    public static IReadOnlyList<string> Differences(BpfObjectSpec generated, BpfObjectSpec other)
    {
        List<string> differences = [];
        if (generated.Btf is { } first && other.Btf is { } second)
        {
            TypeLayout types = new(first, second, differences);
            CompareMaps(generated, other, types, differences);
            CompareGlobals(generated, other, types, differences);
            CompareEvents(first, second, types, differences);
        }
        else if (generated.Btf is not null)
        {
            differences.Add("it has no types (compile it with -g)");
        }

        ComparePrograms(generated, other, differences);
        CompareStructOps(generated, other, differences);
        return differences;
    }

    /// <summary>Returns how the map of a new version differs from the map of the running one, so that it cannot take over its content; null if it does not differ.</summary>
    public static string? DifferenceOfMap(BpfObjectSpec running, BpfObjectSpec next, BpfMapSpec before, BpfMapSpec now)
    {
        List<string> differences = [];
        string what = $"map '{before.Name}'";
        if (running.Btf is { } first && next.Btf is { } second)
        {
            CompareMap(what, before, now, new TypeLayout(first, second, differences), differences);
            CompareRecords(before.Name, first, second, new TypeLayout(first, second, differences), differences);
            if (differences.Count == 0)
            {
                // What only the new version has: a member in padding, for example.
                List<string> others = [];
                CompareMap(what, now, before, new TypeLayout(second, first, others), others);
                CompareRecords(before.Name, second, first, new TypeLayout(second, first, others), others);
                return others.Count > 0 ? $"{what} has another type" : DifferenceOfKind(what, before, now);
            }
        }
        else if (before.KeySize != now.KeySize || before.ValueSize != now.ValueSize || before.Type != now.Type)
        {
            differences.Add($"{what} has another type");
        }

        return differences.Count > 0 ? string.Join("; ", differences) : DifferenceOfKind(what, before, now);
    }

    private static string? DifferenceOfKind(string what, BpfMapSpec before, BpfMapSpec now)
        => before.Flags != now.Flags || before.MapExtra != now.MapExtra || before.NumaNode != now.NumaNode ? $"{what} has other flags"
            : before.InnerMap?.MaxEntries != now.InnerMap?.MaxEntries || before.InnerMap?.Flags != now.InnerMap?.Flags ? $"the inner map of {what} has another size or other flags"
            : before.PinPath != now.PinPath || before.IsPinnedByName != now.IsPinnedByName ? $"{what} is pinned elsewhere"
            : now.ExclusiveProgram is not null ? $"{what} is for one version of program '{now.ExclusiveProgram}'"
            : now.Type is BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps && !before.InitialValues.SequenceEqual(now.InitialValues) ? $"{what} has other maps"
            : null;

    /// <summary>Returns how the variables of a data section differ from those of the running version; null if they do not differ.</summary>
    public static string? DifferenceOfSection(BpfObjectSpec running, BpfObjectSpec next, BpfDataSectionSpec before, BpfDataSectionSpec now)
    {
        if (before.Variables.Count != now.Variables.Count || before.Size != now.Size || before.IsShared != now.IsShared || before.IsReadOnly != now.IsReadOnly)
        {
            return $"section '{now.Name}' has other variables";
        }

        // By place: static variables of several functions may have one name.
        List<string> differences = [];
        foreach ((BpfGlobalVariable one, BpfGlobalVariable other) in before.Variables.OrderBy(static variable => variable.Offset).Zip(now.Variables.OrderBy(static variable => variable.Offset), static (one, other) => (one, other)))
        {
            if (one.Name != other.Name || one.Offset != other.Offset)
            {
                return $"section '{now.Name}' has other variables";
            }

            if (running.Btf is { } first && next.Btf is { } second)
            {
                CompareContent($"variable '{one.Name}'", (one.TypeId, one.Size), (other.TypeId, other.Size), new TypeLayout(first, second, differences), differences);
            }
        }

        return differences.Count > 0 ? differences[0] : null;
    }

    private static void CompareMaps(BpfObjectSpec generated, BpfObjectSpec other, TypeLayout types, List<string> differences)
    {
        Dictionary<string, BpfMapSpec> maps = ByName(other.Maps, static map => map.Name);
        foreach (BpfMapSpec before in generated.Maps)
        {
            if (maps.TryGetValue(before.Name, out BpfMapSpec? now))
            {
                CompareMap($"map '{before.Name}'", before, now, types, differences);
                CompareRecords(before.Name, generated.Btf!, other.Btf!, types, differences);
            }
            else
            {
                differences.Add($"it has no map '{before.Name}'");
            }
        }
    }

    private static void CompareMap(string what, BpfMapSpec before, BpfMapSpec now, TypeLayout types, List<string> differences)
    {
        if (before.Type != now.Type)
        {
            differences.Add($"{what} is {now.Type} and was {before.Type}");
            return;
        }

        if (((before.Flags ^ now.Flags) & BpfMapFlags.Mappable) != 0)
        {
            differences.Add($"{what} is {((now.Flags & BpfMapFlags.Mappable) != 0 ? "BPF_F_MMAPABLE and was not" : "not BPF_F_MMAPABLE and was")}");
        }

        CompareContent($"the key of {what}", (before.KeyTypeId, before.KeySize), (now.KeyTypeId, now.KeySize), types, differences);
        CompareContent($"the value of {what}", (before.ValueTypeId, before.ValueSize), (now.ValueTypeId, now.ValueSize), types, differences);
        if ((before.InnerMap is null) != (now.InnerMap is null))
        {
            differences.Add($"{what} {(now.InnerMap is null ? "states no inner map and did" : "states an inner map and did not")}");
        }
        else if (before.InnerMap is { } inner)
        {
            CompareMap($"the inner map of {what}", inner, now.InnerMap!, types, differences);
        }
    }

    private static void CompareContent(string what, (int Type, int Size) before, (int Type, int Size) now, TypeLayout types, List<string> differences)
    {
        if (before.Size != now.Size)
        {
            differences.Add($"{what} has {now.Size} bytes and had {before.Size}");
        }
        else if ((before.Type == 0) != (now.Type == 0))
        {
            differences.Add($"{what} has {(now.Type == 0 ? "no type and had one" : "a type and had none")}");
        }
        else if (before.Type != 0)
        {
            types.Compare(what, before.Type, now.Type);
        }
    }

    // HM_RECORDS(T) on a map.
    private static void CompareRecords(string map, BtfTypes first, BtfTypes second, TypeLayout types, List<string> differences)
    {
        string? before = RecordsOf(first, map);
        string? now = RecordsOf(second, map);
        if (before != now)
        {
            differences.Add($"the records of map '{map}' are {now ?? "bytes"} and were {before ?? "bytes"}");
        }
        else if (before is not null && EventMarks.Find(first, before) is > 0 and int one && EventMarks.Find(second, before) is > 0 and int two)
        {
            types.Compare($"a record of map '{map}'", one, two);
        }
    }

    private static string? RecordsOf(BtfTypes types, string map)
    {
        int variable = types.Find(map, BtfKind.Variable);
        return variable == 0 ? null : EventMarks.Records(types).Where(mark => mark.VariableId == variable).Select(static mark => mark.Type).FirstOrDefault();
    }

    private static void CompareEvents(BtfTypes first, BtfTypes second, TypeLayout types, List<string> differences)
    {
        Dictionary<string, int> events = new(StringComparer.Ordinal);
        foreach (int id in EventMarks.Events(second))
        {
            events[second[second.SkipModifiers(id)].Name] = id;
        }

        foreach (int id in EventMarks.Events(first))
        {
            string name = first[first.SkipModifiers(id)].Name;
            if (events.TryGetValue(name, out int other))
            {
                types.Compare($"event '{name}'", id, other);
            }
            else
            {
                differences.Add($"it does not keep the event '{name}' (HM_EVENT)");
            }
        }

        HashSet<string> kinds = new(KindsOf(second), StringComparer.Ordinal);
        foreach (string kind in KindsOf(first).Where(kind => !kinds.Contains(kind)))
        {
            differences.Add($"no {kind}");
        }
    }

    private static IEnumerable<string> KindsOf(BtfTypes types)
        => EventMarks.Kinds(types).Where(mark => mark.Member >= 0 && types[mark.StructId].IsComposite && mark.Member < types[mark.StructId].Length)
            .Select(mark => $"member '{types.GetString(types[mark.StructId].Member(mark.Member).NameOffset)}' is of kind {mark.Constant} (HM_KIND)");

    // C# finds variables by name, and does not see static ones.
    private static void CompareGlobals(BpfObjectSpec generated, BpfObjectSpec other, TypeLayout types, List<string> differences)
    {
        Dictionary<string, (BpfDataSectionSpec Section, BpfGlobalVariable Variable)> globals = new(StringComparer.Ordinal);
        foreach ((BpfDataSectionSpec section, BpfGlobalVariable variable) in GlobalsOf(other))
        {
            globals[variable.Name] = (section, variable);
        }

        foreach ((BpfDataSectionSpec section, BpfGlobalVariable before) in GlobalsOf(generated))
        {
            if (!globals.TryGetValue(before.Name, out (BpfDataSectionSpec Section, BpfGlobalVariable Variable) now))
            {
                differences.Add($"it has no variable '{before.Name}'");
            }
            else if (now.Section.IsReadOnly != section.IsReadOnly)
            {
                differences.Add($"variable '{before.Name}' is {(now.Section.IsReadOnly ? "a constant and was not" : "not a constant and was")}");
            }
            else
            {
                CompareContent($"variable '{before.Name}'", (before.TypeId, before.Size), (now.Variable.TypeId, now.Variable.Size), types, differences);
            }
        }
    }

    private static IEnumerable<(BpfDataSectionSpec Section, BpfGlobalVariable Variable)> GlobalsOf(BpfObjectSpec spec)
        => spec.DataSections.Append(spec.KernelConfig).OfType<BpfDataSectionSpec>().SelectMany(static section => section.Variables.Where(static variable => !variable.IsStatic).Select(variable => (section, variable)));

    private static void ComparePrograms(BpfObjectSpec generated, BpfObjectSpec other, List<string> differences)
    {
        Dictionary<string, BpfProgramSpec> programs = ByName(other.Programs, static program => program.Name);
        foreach (BpfProgramSpec before in generated.Programs)
        {
            if (!programs.TryGetValue(before.Name, out BpfProgramSpec? now))
            {
                differences.Add($"it has no program '{before.Name}'");
            }
            else if (now.Type != before.Type || now.Section.Attach != before.Section.Attach)
            {
                differences.Add($"program '{before.Name}' is in section \"{now.SectionName}\" and was in \"{before.SectionName}\", which is for another program type or attach type");
            }
        }
    }

    private static void CompareStructOps(BpfObjectSpec generated, BpfObjectSpec other, List<string> differences)
    {
        HashSet<string> maps = new(other.StructOps.Select(static map => map.Name), StringComparer.Ordinal);
        foreach (BpfStructOpsSpec map in generated.StructOps.Where(map => !maps.Contains(map.Name)))
        {
            differences.Add($"it has no struct_ops map '{map.Name}'");
        }
    }

    // A damaged file may contain a name twice.
    private static Dictionary<string, T> ByName<T>(IReadOnlyList<T> all, Func<T, string> nameOf)
    {
        Dictionary<string, T> byName = new(StringComparer.Ordinal);
        foreach (T one in all)
        {
            byName[nameOf(one)] = one;
        }

        return byName;
    }
}
