using System.Collections.Concurrent;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Checks;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>
/// The objects behind the skeletons of one compilation, read on the first request, because most compilations need none. A skeleton of
/// another assembly has no carrier here, so its object is not available.
/// </summary>
internal sealed class SkeletonObjects(AnalyzerOptions options)
{
    private readonly ConcurrentDictionary<string, SkeletonObject?> _known = new(StringComparer.Ordinal);

    /// <summary>Returns the object of a skeleton; null when it is not available.</summary>
    /// <param name="skeleton">The skeleton's class.</param>
    /// <param name="stop">Cancels the read.</param>
    public SkeletonObject? Of(INamedTypeSymbol skeleton, CancellationToken stop)
    {
        string @namespace = skeleton.ContainingNamespace is { IsGlobalNamespace: false } named ? named.ToDisplayString() : "";
        string key = @namespace + "\n" + skeleton.Name;
        if (!_known.TryGetValue(key, out SkeletonObject? found))
        {
            found = Read(@namespace, skeleton.Name, stop);
            _known[key] = found;
        }

        return found;
    }

    private SkeletonObject? Read(string @namespace, string className, CancellationToken stop)
    {
        foreach (AdditionalText file in options.AdditionalFiles)
        {
            if (BpfSkeletonGenerator.IsCarrier(file, options.AnalyzerConfigOptionsProvider) && ReadHeaderOf(file, className, stop) is { } text)
            {
                try
                {
                    Carrier carrier = CarrierReader.Read(text);
                    if (carrier.ClassName == className && carrier.Namespace == @namespace)
                    {
                        return new SkeletonObject(carrier.Source, BpfObjectSpec.Read(carrier.Image, className));
                    }
                }
                catch (Exception exception) when (exception is CarrierException or BpfException)
                {
                    // The generator has reported it.
                }
            }
        }

        return null;
    }

    // Only the carrier of this skeleton is decoded.
    private static string? ReadHeaderOf(AdditionalText file, string className, CancellationToken stop)
        => BpfSkeletonGenerator.ReadText(file, stop) is { } text && text.IndexOf("\nclass " + className + "\n", StringComparison.Ordinal) >= 0 ? text : null;
}

/// <summary>The object that a skeleton of this compilation was generated from.</summary>
/// <param name="source">Its C file, as the carrier names it.</param>
/// <param name="spec">The object.</param>
internal sealed class SkeletonObject(string source, BpfObjectSpec spec)
{
    // The registers of the map among the arguments.
    private const int MapArgument = 1;
    private const int JumpArgument = 2;

    private static readonly int[] s_tailCalls = [BpfHelpers.NumberOf("bpf_tail_call")];
    private static readonly int[] s_updates = [BpfHelpers.NumberOf("bpf_map_update_elem")];
    private static readonly int[] s_reads =
        [BpfHelpers.NumberOf("bpf_map_lookup_elem"), BpfHelpers.NumberOf("bpf_map_lookup_percpu_elem"), BpfHelpers.NumberOf("bpf_map_delete_elem"), BpfHelpers.NumberOf("bpf_for_each_map_elem")];

    public string Source => source;

    /// <summary>Returns the map behind a property of the skeleton's <c>Maps</c>; null when it is not found.</summary>
    public BpfMapSpec? MapOf(IPropertySymbol property)
        => spec.Maps.FirstOrDefault(map => CSharpNames.ToPascalCase(map.Name) is { } name && (property.Name == name || property.Name == name + "Map"));

    /// <summary>Returns true when the program behind a property of the skeleton's <c>Programs</c> is loaded by default, that is, it is not in <c>SEC("?…")</c>.</summary>
    public bool IsEnabled(IPropertySymbol property)
        => spec.Programs.FirstOrDefault(program => CSharpNames.ToPascalCase(program.Name) is { } name && (property.Name == name || property.Name == name + "Program"))?.Enabled == true;

    /// <summary>Returns the only type of a ring's records, where the code shows it and the ring does not name it.</summary>
    public RecordType? RecordOf(BpfMapSpec ring)
        => spec.Btf is { } types && ring.ValueTypeId == 0 ? EventTypeCheck.OfRing(spec, types, new SourceLines(spec, types, source), ring) : null;

    /// <summary>Returns true when a program continues in the programs of a map with bpf_tail_call.</summary>
    public bool IsTailCalled(BpfMapSpec map) => CallsOf(s_tailCalls, JumpArgument).Any(call => call.Map == map.Name);

    /// <summary>Returns what the programs do with a map.</summary>
    public MapUse UseOf(BpfMapSpec map)
    {
        string?[] updated = [.. CallsOf(s_updates, MapArgument).Select(static call => call.Map)];
        return updated.Contains(map.Name) ? MapUse.Written
            : !updated.Contains(null) && CallsOf(s_reads, MapArgument).Any(call => call.Map == map.Name) ? MapUse.Read
            : MapUse.Unknown;
    }

    /// <summary>Returns true when a program stores a new value in the variable behind a property of <c>Globals</c>.</summary>
    public bool IsStored(IPropertySymbol property)
        => spec.DataSections.SelectMany(static section => section.Variables).FirstOrDefault(variable => CSharpNames.ToPascalCase(variable.Name) == property.Name) is { } variable
            && StraightLine.SectionsOf(spec).Any(section => IsStored(new StraightLine(spec, section), variable.Name));

    /// <summary>Returns what two maps have in common that can be shared: their type, and the types of keys and values; null where these are not known.</summary>
    public string? FormOf(BpfMapSpec map)
        => spec.Btf is { } types && map is { KeyTypeId: > 0, ValueTypeId: > 0 }
            ? $"{map.Type} {map.KeySize} {types[types.SkipModifiers(map.KeyTypeId)].Name} {map.ValueSize} {types[types.SkipModifiers(map.ValueTypeId)].Name}"
            : null;

    /// <summary>Returns the C name of the static variable that a property of <c>Globals</c> would have if it were not static; null when there is none.</summary>
    public string? StaticOf(string property)
        => spec.DataSections.SelectMany(static section => section.Variables)
            .FirstOrDefault(variable => variable.IsStatic && CSharpNames.ToPascalCase(variable.Name) == property)?.Name;

    /// <summary>Returns true when the values of a map have a <c>bpf_spin_lock</c>.</summary>
    public bool HasLock(BpfMapSpec map)
    {
        if (spec.Btf is not { } types || map.ValueTypeId == 0)
        {
            return true;
        }

        BtfType value = types[types.SkipModifiers(map.ValueTypeId)];
        return value.IsComposite
            && Enumerable.Range(0, value.Length).Any(i => types[types.SkipModifiers(value.Member(i).TypeId)].Name is "bpf_spin_lock" or "bpf_res_spin_lock");
    }

    private static bool IsStored(StraightLine code, string variable)
        => Enumerable.Range(0, code.Code.Count).Any(i => code.Code[i].Class is BpfOpCode.ClassStore or BpfOpCode.ClassStoreRegister && code.Variable(i, code.Code[i].Destination) == variable);

    // The maps of the calls of some helpers; null where the map is not known.
    private IEnumerable<(int Helper, string? Map)> CallsOf(int[] helpers, int register)
    {
        foreach (ElfSection section in StraightLine.SectionsOf(spec))
        {
            StraightLine? code = null;
            foreach ((uint offset, int helper) in HelperCalls.In(section).Where(call => helpers.Contains(call.Helper)))
            {
                code ??= new StraightLine(spec, section);
                yield return (helper, code.Map((int)(offset / BpfInstruction.Size), register));
            }
        }
    }
}

/// <summary>What the programs of an object do with a map.</summary>
internal enum MapUse
{
    /// <summary>It is not used, or not all of its uses are known.</summary>
    Unknown,

    /// <summary>Its entries are read or removed, and none is added.</summary>
    Read,

    /// <summary>Entries are added.</summary>
    Written,
}
