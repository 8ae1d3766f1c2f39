using System.Security.Cryptography;
using System.Text;
using Hypermesh.Bpf.Handover;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Compatibility;
using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Loading;

/// <summary>What is known of the version of an object that runs, so that another one can take its place: from what it was loaded from, or as an earlier process has recorded it.</summary>
internal abstract class ObjectVersion
{
    /// <summary>The facts of a map; null if the version has none with that name.</summary>
    internal abstract MapFacts? Map(string name);

    /// <summary>The facts of a data section; null if the version has none with that name.</summary>
    internal abstract SectionFacts? Section(string name);

    /// <summary>How the map of a new version differs from that of this one, so that it is another map; null if it is the same.</summary>
    internal abstract string? Difference(BpfObjectSpec next, BpfMapSpec map);

    /// <summary>How a data section of a new version differs from that of this one; null if it is the same.</summary>
    internal abstract string? Difference(BpfObjectSpec next, BpfDataSectionSpec section);
}

/// <summary>What two versions of a map have to have in common.</summary>
/// <param name="Signature">All that makes a map: equal in two that can take each other's place.</param>
/// <param name="Key">The layout of its keys.</param>
/// <param name="Value">The layout of its values.</param>
/// <param name="Fields">The members whose values can become those of another version; null if one of them cannot.</param>
/// <param name="Fault">Why not.</param>
internal sealed record MapFacts(string Signature, string Key, string Value, IReadOnlyList<MergeField>? Fields, string? Fault)
{
    private const int Length = 16;

    private static readonly HashSet<BpfMapType> s_mergeable =
        [BpfMapType.Hash, BpfMapType.Array, BpfMapType.PerCpuHash, BpfMapType.PerCpuArray, BpfMapType.LruHash, BpfMapType.LruPerCpuHash];

    internal static MapFacts Of(BpfObjectSpec spec, BpfMapSpec map)
    {
        string? fault = !s_mergeable.Contains(map.Type) ? $"a map of type {map.Type} cannot be taken over"
            : (map.Flags & BpfMapFlags.Mappable) != 0 ? "a map with BPF_F_MMAPABLE cannot be taken over" : null;
        IReadOnlyList<MergeField>? fields = null;
        if (fault is null)
        {
            fault = "its value has no tag of hypermesh/reload.h";
            fields = MergeTags.Read(spec)?.Of(map, out fault);
        }

        return new MapFacts(Hash(MapSignature.Of(spec, map)), Hash(MapSignature.OfKey(spec, map)), Hash(MapSignature.OfValue(spec, map)), fault is null ? fields : null, fault);
    }

    internal static string Hash(string signature) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signature)).AsSpan(0, Length));
}

/// <summary>What two versions of a data section have to have in common.</summary>
/// <param name="Signature">All variables, with their places and types.</param>
/// <param name="IsReadOnly">True for constants.</param>
/// <param name="Variables">The variables; empty for a version that an earlier process has recorded.</param>
/// <param name="Fields">The members whose values can become those of another version, with offsets in the section.</param>
/// <param name="Untagged">The variables of which they cannot.</param>
internal sealed record SectionFacts(string Signature, bool IsReadOnly, IReadOnlyList<BpfGlobalVariable> Variables, IReadOnlyList<MergeField> Fields, IReadOnlyList<string> Untagged)
{
    internal static SectionFacts Of(BpfObjectSpec spec, BpfDataSectionSpec section)
    {
        MergeTags? tags = section.IsReadOnly || section.Arena is not null ? null : MergeTags.Read(spec);
        List<MergeField> fields = [];
        List<string> untagged = [];
        foreach (BpfGlobalVariable variable in section.Variables)
        {
            string? fault = "";
            IReadOnlyList<MergeField> own = variable.IsStatic || tags is null ? [] : tags.Of(variable, out fault);
            if (fault is null)
            {
                fields.AddRange(own.Select(field => field with { Path = field.Path.Length == 0 ? variable.Name : $"{variable.Name}.{field.Path}", Offset = field.Offset + variable.Offset }));
            }
            else
            {
                untagged.Add(variable.Name);
            }
        }

        return new SectionFacts(MapFacts.Hash(MapSignature.Of(spec, section)), section.IsReadOnly, section.Variables, fields, untagged);
    }
}

/// <summary>A version by what it was loaded from.</summary>
internal sealed class SpecVersion(BpfObjectSpec spec) : ObjectVersion
{
    private readonly Dictionary<string, MapFacts> _maps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SectionFacts> _sections = new(StringComparer.Ordinal);

    /// <summary>Determines all facts now: the spec may be changed afterwards.</summary>
    internal SpecVersion Remember()
    {
        foreach (BpfMapSpec map in spec.Maps)
        {
            Map(map.Name);
        }

        foreach (BpfDataSectionSpec section in spec.DataSections)
        {
            Section(section.Name);
        }

        return this;
    }

    internal override MapFacts? Map(string name)
    {
        if (!_maps.TryGetValue(name, out MapFacts? facts) && MapOf(name) is { } map)
        {
            _maps.Add(name, facts = MapFacts.Of(spec, map));
        }

        return facts;
    }

    internal override SectionFacts? Section(string name)
    {
        if (!_sections.TryGetValue(name, out SectionFacts? facts) && SectionOf(name) is { } section)
        {
            _sections.Add(name, facts = SectionFacts.Of(spec, section));
        }

        return facts;
    }

    internal override string? Difference(BpfObjectSpec next, BpfMapSpec map) => MapOf(map.Name) is { } before ? ObjectInterface.DifferenceOfMap(spec, next, before, map) : "it is new";

    internal override string? Difference(BpfObjectSpec next, BpfDataSectionSpec section)
        => SectionOf(section.Name) is { } before ? ObjectInterface.DifferenceOfSection(spec, next, before, section) : "it is new";

    private BpfMapSpec? MapOf(string name) => spec.Maps.FirstOrDefault(map => map.Name == name && map.Enabled);

    private BpfDataSectionSpec? SectionOf(string name) => spec.DataSections.Append(spec.KernelConfig).OfType<BpfDataSectionSpec>().FirstOrDefault(section => section.Name == name);
}

/// <summary>A version that an earlier process has recorded.</summary>
internal sealed class RecordedVersion : ObjectVersion
{
    private readonly Dictionary<string, MapFacts> _maps;
    private readonly Dictionary<string, SectionFacts> _sections;

    internal RecordedVersion(HandoverManifest manifest)
    {
        HandoverPin[] current = [.. manifest.Pins.Where(static pin => pin.State == HandoverState.Current)];
        _maps = current.Where(static pin => pin.Map is not null).ToDictionary(static pin => pin.Name, static pin => new MapFacts(pin.Map!.Signature, pin.Map.Key, pin.Map.Value, pin.Map.Fields, pin.Map.Fault), StringComparer.Ordinal);
        _sections = current.Where(static pin => pin.Section is not null).ToDictionary(static pin => pin.Name, static pin => Of(pin.Section!), StringComparer.Ordinal);
    }

    internal static SectionFacts Of(RecordedSection section) => new(section.Signature, section.IsReadOnly, [], section.Fields, section.Untagged);

    internal override MapFacts? Map(string name) => _maps.GetValueOrDefault(name);

    internal override SectionFacts? Section(string name) => _sections.GetValueOrDefault(name);

    internal override string? Difference(BpfObjectSpec next, BpfMapSpec map)
        => !_maps.TryGetValue(map.Name, out MapFacts? facts) ? "it is new"
            : map.Type is BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps or BpfMapType.ProgArray ? $"map '{map.Name}' of type {map.Type} is made anew by each process"
            : facts.Signature == MapFacts.Of(next, map).Signature ? null : $"map '{map.Name}' has another layout, size or flags";

    internal override string? Difference(BpfObjectSpec next, BpfDataSectionSpec section)
        => !_sections.TryGetValue(section.Name, out SectionFacts? facts) ? "it is new"
            : facts.Signature != SectionFacts.Of(next, section).Signature ? $"section '{section.Name}' has other variables"
            : null;
}
