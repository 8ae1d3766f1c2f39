using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>
/// Finds the kernel features that an object requires, from the object alone. Newer BTF kinds are not included, because the loader rewrites them for the running kernel.
/// </summary>
internal static class ObjectRequirements
{
    private const string OptionalPrefix = "hm_optional__";

    private static readonly Version s_globals = new(5, 2);
    private static readonly Version s_sleepable = new(5, 10);
    private static readonly Version s_kernelFunctions = new(5, 13);

    internal static IEnumerable<KernelRequirement> Of(BpfObjectSpec spec)
    {
        HashSet<string> asked = AskedFor(spec);
        return spec.Programs.SelectMany(OfProgram)
            .Concat(spec.Maps.SelectMany(map => OfMap(map, asked)))
            .Concat(OfCode(spec, asked))
            .Concat(spec.Externs.Where(static e => e.Kind == BpfExternKind.Function).Select(OfFunction))
            .Concat(OfData(spec));
    }

    /// <summary>Returns the kernel options that an object requires: those of its program types, and those it declares <c>extern</c>.</summary>
    internal static IEnumerable<string> OptionsOf(BpfObjectSpec spec)
        => spec.Programs.Select(static program => ProgramTypeFacts.Option(program.Type))
            .Append("CONFIG_BPF_SYSCALL")
            .Append(NeedsKernelTypes(spec) ? "CONFIG_DEBUG_INFO_BTF" : "")
            .Concat(spec.Externs.Where(static e => e.Kind == BpfExternKind.KernelConfig && !e.IsWeak && e.Name.StartsWith("CONFIG_", StringComparison.Ordinal)).Select(static e => e.Name))
            .Where(static name => name.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .OrderBy(static name => name, StringComparer.Ordinal);

    /// <summary>Returns true when an object cannot be loaded without the kernel's types.</summary>
    internal static bool NeedsKernelTypes(BpfObjectSpec spec) => spec.BtfExtension is { HasRelocations: true } || spec.Externs.Any(static e => e.Kind == BpfExternKind.Variable);

    private static IEnumerable<KernelRequirement> OfProgram(BpfProgramSpec program)
    {
        KernelRequirement Make(RequirementKind kind, int number, string name, Version? since)
            => new(kind, number, name, since, program.Name) { ProgramType = program.Type, IsOptional = IsOptional(program) };

        yield return Make(RequirementKind.ProgramType, (int)program.Type, program.Type.ToString(), ProgramTypeFacts.Since(program.Type));
        if (AttachTypeFacts.Since(program.ExpectedAttachType) is { } attached)
        {
            yield return Make(RequirementKind.AttachType, (int)program.ExpectedAttachType, program.ExpectedAttachType.ToString(), attached);
        }

        if (program.Section.Flags.HasFlag(SectionFlags.Sleepable) && program.Type != BpfProgramType.Syscall)
        {
            yield return Make(RequirementKind.Feature, 0, "Sleepable programs", s_sleepable);
        }
    }

    private static bool IsOptional(BpfProgramSpec program) => !program.Enabled || program.Optional;

    private static IEnumerable<KernelRequirement> OfMap(BpfMapSpec map, HashSet<string> asked)
    {
        for (BpfMapSpec? current = map; current is not null; current = current.InnerMap)
        {
            yield return new(RequirementKind.MapType, (int)current.Type, current.Type.ToString(), MapTypeFacts.Since(current.Type), map.Name)
            {
                IsOptional = !map.Enabled || asked.Contains(Fold($"BPF_MAP_TYPE_{current.Type}")),
            };
        }
    }

    private static IEnumerable<KernelRequirement> OfCode(BpfObjectSpec spec, HashSet<string> asked)
    {
        foreach (ElfSection section in spec.Elf.Sections.Where(static section => section is { IsExecutable: true, Type: ElfSectionType.Contents }))
        {
            // Programs and calls are both in the order of their offsets.
            BpfProgramSpec[] programs = [.. spec.Programs.Where(program => program.Code == section)];
            int next = 0;
            foreach ((uint offset, int helper) in HelperCalls.In(section))
            {
                while (next < programs.Length && offset >= programs[next].Symbol.Value && offset - programs[next].Symbol.Value >= programs[next].Symbol.Size)
                {
                    next++;
                }

                // Any program may call the functions of .text, so their calls have no single caller.
                BpfProgramSpec? caller = next < programs.Length && offset >= programs[next].Symbol.Value ? programs[next] : null;
                string name = BpfHelpers.NameOf(helper) ?? $"helper {helper}";
                Version? later = caller is null ? null : HelperVersions.LaterFor(caller.Type, helper);
                yield return new(RequirementKind.Helper, helper, name, later ?? HelperVersions.Of(helper), caller?.Name ?? name)
                {
                    ProgramType = caller?.Type ?? BpfProgramType.Unspec,
                    IsLaterForType = later is not null,
                    Place = (section.Name, offset),
                    IsOptional = (caller is not null && IsOptional(caller)) || asked.Contains(Fold(name.Replace("bpf_", "BPF_FUNC_"))),
                };
            }
        }

        if (spec.Elf.FindSection(".jumptables") is { Size: > 0 })
        {
            yield return new(RequirementKind.Feature, 0, "Jump tables", MapTypeFacts.Since(BpfMapType.InsnArray), "");
        }
    }

    private static KernelRequirement OfFunction(BpfExternSpec function)
    {
        // For a function in the oldest release of the table, the limit is the first kernel in which programs can call kernel functions. The release of a function outside
        // the table is not known.
        (Version? since, Version? lacking) = KernelFunctionFacts.Find(function.KernelName) is not { } seen ? (null, null) : seen.Lacking is null ? (s_kernelFunctions, null) : seen;
        return new(RequirementKind.KernelFunction, 0, function.KernelName, since, function.Name) { Lacking = lacking, IsOptional = function.IsWeak };
    }

    private static IEnumerable<KernelRequirement> OfData(BpfObjectSpec spec)
    {
        if (spec.DataSections.Count > 0)
        {
            yield return new(RequirementKind.Feature, 0, "Global variables", s_globals, "");
        }
    }

    // The constants of the features that the C tests for before it uses them, or marks with HM_OPTIONAL of our header.
    private static HashSet<string> AskedFor(BpfObjectSpec spec)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        if (spec.Btf is not { } types)
        {
            return asked;
        }

        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id].Kind == BtfKind.Function && types[id].Name.StartsWith(OptionalPrefix, StringComparison.Ordinal))
            {
                asked.Add(Fold(types[id].Name.Substring(OptionalPrefix.Length)));
            }
        }

        if (spec.BtfExtension is not { HasRelocations: true } extension)
        {
            return asked;
        }

        foreach (CoreRelocation relocation in spec.Elf.Sections.SelectMany(section => extension.RelocationsOf(section.Name)))
        {
            BtfType type = types[types.SkipModifiers(relocation.TypeId)];
            if (relocation.Kind == CoreRelocationKind.EnumValueExists && type.IsEnum
                && int.TryParse(types.GetString(relocation.AccessOffset), out int index) && index >= 0 && index < type.Length)
            {
                asked.Add(Fold(types.GetString(type.EnumValue(index).NameOffset)));
            }
        }

        return asked;
    }

    // Makes the kernel's BPF_MAP_TYPE_TASK_STORAGE equal to our TaskStorage, and removes a flavour after three underscores.
    private static string Fold(string constant)
    {
        int flavour = constant.IndexOf("___", StringComparison.Ordinal);
        return (flavour > 0 ? constant.Substring(0, flavour) : constant).Replace("_", "").ToUpperInvariant();
    }
}
