using System.Text.RegularExpressions;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Errors;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Checks;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Converts the text of a carrier to a model. It does not use the compilation; every fault of the input becomes a diagnostic.</summary>
internal static class SkeletonParser
{
    // A message about an inner map names it "outer.inner".
    private static readonly Regex s_mapName = new("map '(?<map>[^'.]+)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <param name="text">The carrier's text; null when the file could not be read.</param>
    /// <param name="path">The carrier's path, for messages about it.</param>
    public static SkeletonResult Parse(string? text, string path)
    {
        if (text is null)
        {
            return Failed(DiagnosticIds.UnreadableCarrier, path, path, "it is missing or not text");
        }

        string source = path;
        Carrier? carrier = null;
        try
        {
            carrier = CarrierReader.Read(text);
            source = carrier.Source;
            SkeletonResult result = Parse(carrier, out _);
            return result.Skeleton is null ? result with { Stub = Stub(carrier) } : result;
        }
        catch (CarrierException exception)
        {
            string named = exception.SourceFile ?? path;
            return Failed(DiagnosticIds.BadCarrier, named, named, exception.Message);
        }
        catch (BpfObjectFormatException exception) when (exception.SectionName is ".maps" or "maps")
        {
            SourceNote? note = new SourceNotes(carrier!.Notes).Of(s_mapName.Match(exception.Message).Groups["map"].Value);
            string file = note is { Header.Length: > 0 } ? note.Header : source;
            return new SkeletonResult(null, new EquatableArray<DiagnosticInfo>([DiagnosticInfo.Create(DiagnosticIds.BadMap, file, note?.Line ?? 1, source, Sentence.Of(exception.Message))]))
            {
                Stub = Stub(carrier),
            };
        }
        catch (BpfObjectFormatException exception) when (exception.Undefined.Count > 0)
        {
            return new SkeletonResult(null, UndefinedExternCheck.Run(carrier!, exception.Undefined)) { Stub = Stub(carrier) };
        }
        catch (BpfException exception)
        {
            return Failed(DiagnosticIds.BadObject, source, source, Sentence.Of(exception.Message)) with { Stub = Stub(carrier) };
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // A generator that throws loses the output for all files, and the compiler reports only CS8785.
            return Failed(DiagnosticIds.InternalError, source, source, $"{exception.GetType().Name}: {exception.Message}") with { Stub = Stub(carrier) };
        }
    }

    /// <summary>Creates the model, with the types that it is created from; null where there is nothing to create it from.</summary>
    /// <exception cref="BpfException">The object is damaged.</exception>
    public static ParsedSkeleton? ParseWithTypes(Carrier carrier)
    {
        Parse(carrier, out ParsedSkeleton? parsed);
        return parsed;
    }

    private static SkeletonResult Parse(Carrier carrier, out ParsedSkeleton? parsed)
    {
        parsed = null;
        if (CheckNames(carrier) is { } wrongName)
        {
            return Failed(DiagnosticIds.BadClassName, carrier.Source, [carrier.Source, carrier.ClassName, wrongName]);
        }

        string objectName = ObjectName(carrier.Source);
        BpfObjectSpec spec = BpfObjectSpec.Read(carrier.Image, objectName);
        if (!spec.Elf.IsLittleEndian)
        {
            return Failed(DiagnosticIds.BigEndianObject, carrier.Source, carrier.Source);
        }

        if (spec.Btf is null && spec.Programs.Count > 0)
        {
            return Failed(DiagnosticIds.NoBtf, carrier.Source, carrier.Source);
        }

        return spec.Btf is null || !HasContent(spec)
            ? Failed(DiagnosticIds.NoPrograms, carrier.Source, carrier.Source)
            : Build(carrier, objectName, spec, spec.Btf, out parsed);
    }

    // An object with only maps or variables is valid: user space may be their only user.
    private static bool HasContent(BpfObjectSpec spec)
        => spec.Programs.Count > 0 || spec.Maps.Count > 0 || spec.StructOps.Count > 0 || ShownGlobals.SectionsOf(spec).Any(section => section.Variables.Any(ShownGlobals.IsShown));

    private static SkeletonResult Build(Carrier carrier, string objectName, BpfObjectSpec spec, BtfTypes types, out ParsedSkeleton parsed)
    {
        var notes = new SourceNotes(carrier.Notes);
        var lines = new SourceLines(spec, types, carrier.Source, notes);
        var findings = new Findings(carrier.Source, lines.Of);
        IEnumerable<string> reserved = ReservedNames.OfObject.Concat(ReservedNames.OfSkeleton).Append(carrier.ClassName);
        var scope = new NameScope($"class {carrier.ClassName}", "Type", reserved, findings);
        var names = new TypeNames(types, scope);
        var summation = new SummationRules(types);
        var events = new EventTypes(types, findings);
        Reach(spec, types, names, summation, events);
        names.NameAll();

        string @namespace = CSharpNames.EscapeQualified(carrier.Namespace);
        string prefix = "global::" + (@namespace.Length == 0 ? "" : @namespace + ".") + carrier.ClassName + ".";
        var resolver = new TypeResolver(types, names, scope, prefix);
        var unions = new EventUnionParser(types, names, prefix, findings);
        var structs = new StructParser(types, resolver, summation, events, unions, findings);
        var enums = new EnumParser(types, findings);
        List<NamedType> emitted = names.All.Where(named => named.IsEmitted).ToList();

        // Arrays and texts come last, because all other models add to them.
        var model = new SkeletonModel(
            carrier.Source,
            @namespace,
            carrier.ClassName,
            carrier.Accessibility,
            carrier.Resource,
            objectName,
            new MapParser(types, resolver, events, findings).Parse(spec.Maps).ToEquatableArray(),
            new ProgramParser(lines, findings).Parse(spec).ToEquatableArray(),
            new GlobalParser(types, resolver, findings).Parse(spec).ToEquatableArray(),
            new StructOpsParser(types, resolver, findings).Parse(spec.StructOps).ToEquatableArray(),
            TellEvents(prefix, [.. emitted.Where(named => types[named.Id].IsComposite && types[named.Id].Size > 0).Select(structs.Parse)]).ToEquatableArray(),
            emitted.Where(named => types[named.Id].IsEnum).Select(enums.Parse).ToEquatableArray(),
            resolver.Arrays.ToEquatableArray(),
            resolver.Texts.ToEquatableArray());
        if (ImplicitTypes.NamespaceOf(carrier.ClassName) is { } other)
        {
            findings.Add(DiagnosticIds.MeetsType, "", 1, carrier.Source, carrier.ClassName, other);
        }

        SourceChecks.Run(spec, types, events, carrier, lines, findings);
        parsed = new ParsedSkeleton(model, types, names.All, lines);
        return new SkeletonResult(notes.Annotate(model, new SourceNote(carrier.Root + carrier.Source, "", 1, "")), findings.ToArray());
    }

    // An event refers to the records that it is a kind of.
    private static IEnumerable<StructModel> TellEvents(string prefix, List<StructModel> structs)
    {
        List<StructModel> unions = structs.FindAll(type => type.Union is not null);
        return structs.Select(type => type with
        {
            EventOf = unions
                .Select(union => new EventOfModel(prefix + union.Name, union.Union!.KindField, union.Union.Cases.Where(entry => entry.Type == prefix + type.Name).ToEquatableArray()))
                .Where(record => record.Cases.Count > 0)
                .ToEquatableArray(),
        });
    }

    // Everything a user can hold a value of: keys, values and events of maps, inner maps included, variables, what HM_EVENT names, and the values of struct_ops maps.
    private static void Reach(BpfObjectSpec spec, BtfTypes types, TypeNames names, SummationRules summation, EventTypes events)
    {
        foreach (BpfMapSpec map in spec.Maps)
        {
            Reach(map, names, summation, events);
        }

        foreach (BpfGlobalVariable variable in ShownGlobals.SectionsOf(spec).SelectMany(section => section.Variables).Where(ShownGlobals.IsShown))
        {
            names.Add(variable.TypeId, variable.Name);
        }

        foreach (int type in EventMarks.Events(types))
        {
            names.Add(type, types[type].Name);
        }

        foreach (BpfStructOpsSpec map in spec.StructOps)
        {
            foreach (BpfStructOpsMember member in map.Members.Where(member => StructOpsParser.IsValue(types, member)))
            {
                names.Add(member.Field.TypeId, $"{map.Name}.{member.Name}");
            }
        }
    }

    private static void Reach(BpfMapSpec map, TypeNames names, SummationRules summation, EventTypes events)
    {
        for (BpfMapSpec? current = map; current is not null; current = current.InnerMap)
        {
            if (current.KeyTypeId != 0)
            {
                names.Add(current.KeyTypeId, $"{current.Name}.key");
            }

            if (current.ValueTypeId != 0)
            {
                names.Add(current.ValueTypeId, $"{current.Name}.value");
            }

            if (events.Of(current) is > 0 and int record)
            {
                names.Add(record, $"{current.Name}.event");
            }

            if (MapClasses.Find(current.Type).IsPerCpu && current.ValueTypeId != 0)
            {
                summation.AddPerCpuValue(current.ValueTypeId);
            }
        }
    }

    private static SkeletonStub? Stub(Carrier? carrier)
        => carrier is not null && CheckNames(carrier) is null
            ? new SkeletonStub(carrier.Source, CSharpNames.EscapeQualified(carrier.Namespace), carrier.ClassName, carrier.Accessibility)
            : null;

    private static string? CheckNames(Carrier carrier)
    {
        if (!CSharpNames.IsTypeName(carrier.ClassName))
        {
            return "the name of a class must be an identifier and not a keyword";
        }

        if (ReservedNames.OfSkeleton.Concat(ReservedNames.OfObject).Contains(carrier.ClassName, StringComparer.Ordinal))
        {
            return "every skeleton has a member with that name";
        }

        return carrier.Namespace.Length == 0 || CSharpNames.IsNamespace(carrier.Namespace)
            ? null
            : $"'{carrier.Namespace}' is not a namespace";
    }

    private static string ObjectName(string source)
    {
        string file = source.Substring(source.LastIndexOf('/') + 1);
        int dot = file.IndexOf('.');
        return dot > 0 ? file.Substring(0, dot) : file;
    }

    private static SkeletonResult Failed(string id, string path, params string[] arguments)
        => new(null, new EquatableArray<DiagnosticInfo>([DiagnosticInfo.Create(id, path, 1, arguments)]));
}

/// <summary>A skeleton's model with the types it was created from, for the check of the layout, not for the pipeline.</summary>
/// <param name="Skeleton">The model.</param>
/// <param name="Types">The object's types.</param>
/// <param name="Named">The types that have a C# name.</param>
/// <param name="Lines">Their places in the C.</param>
internal sealed record ParsedSkeleton(SkeletonModel Skeleton, BtfTypes Types, IReadOnlyList<NamedType> Named, SourceLines Lines);
