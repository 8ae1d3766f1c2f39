using Hypermesh.Bpf.Globals;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Compatibility;
using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// The maps that earlier versions of an object have filled. Of each layout there is one: a version whose map has a layout of before goes on in that map, and what is read is merged from all
/// of them. So nothing is copied between maps while programs count, and a version may come and go as often as it likes.
/// </summary>
internal sealed class Lineage
{
    private static readonly HashSet<BpfMapType> s_mergeable =
        [BpfMapType.Hash, BpfMapType.Array, BpfMapType.PerCpuHash, BpfMapType.PerCpuArray, BpfMapType.LruHash, BpfMapType.LruPerCpuHash];

    private readonly Dictionary<string, List<Ancestor>> _maps = new(StringComparer.Ordinal);

    private readonly Dictionary<string, List<SectionAncestor>> _sections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (BpfGlobalSection View, IReadOnlyList<BpfGlobalVariable> Variables)> _views = new(StringComparer.Ordinal);

    internal IEnumerable<BpfMapHandle> Maps
        => _maps.Values.SelectMany(static all => all).Select(static one => one.Map).Concat(_sections.Values.SelectMany(static all => all).Select(static one => one.Memory.Map));

    /// <summary>The map of an earlier version with the layout of this one; null if there is none.</summary>
    internal BpfMapHandle? Find(BpfObjectSpec next, BpfMapSpec map)
        => _maps.GetValueOrDefault(map.Name) is { } all && MapSignature.Of(next, map) is var signature ? all.Find(one => one.Signature == signature)?.Map : null;

    /// <summary>Takes the map of a version that ends, if its values can become those of a later one.</summary>
    /// <param name="spec">That version.</param>
    /// <param name="map">The map in it.</param>
    /// <param name="handle">The map.</param>
    /// <param name="fault">Why it cannot be taken.</param>
    internal bool TryAdd(BpfObjectSpec spec, BpfMapSpec map, BpfMapHandle handle, out string? fault)
    {
        if (FieldsOf(spec, map, out fault) is not { } fields)
        {
            return false;
        }

        ListOf(_maps, map.Name).Add(new Ancestor(handle, MapSignature.Of(spec, map), fields, MapSignature.OfKey(spec, map)));
        return true;
    }

    /// <summary>Makes a map the one that programs write to, with the values of all earlier ones that it can show. Who holds an earlier one sees the values of the others there.</summary>
    /// <param name="spec">Its version.</param>
    /// <param name="map">The map in it.</param>
    /// <param name="handle">The map, new or of an earlier version.</param>
    /// <param name="last">The map of the version before; null if it had none.</param>
    /// <returns>Why the values of the version before are not shown; null if they are.</returns>
    internal string? Continue(BpfObjectSpec spec, BpfMapSpec map, BpfMapHandle handle, BpfMapHandle? last)
    {
        if (!_maps.TryGetValue(map.Name, out List<Ancestor>? all))
        {
            return null;
        }

        all.RemoveAll(one => one.Map == handle);
        string? fault;
        if (FieldsOf(spec, map, out fault) is not { } fields)
        {
            handle.Follow(null);
            return fault;
        }

        var newest = new Ancestor(handle, MapSignature.Of(spec, map), fields, MapSignature.OfKey(spec, map));
        string? lost = null;
        foreach (Ancestor one in all.Append(newest))
        {
            List<EarlierMap> others = [];
            foreach (Ancestor other in all.Append(newest).Where(other => other != one))
            {
                fault = Fault(other, one);
                if (fault is null && MergePlan.Of(other.Fields, one.Fields, out fault) is { } plan)
                {
                    others.Add(new EarlierMap(other.Map, plan));
                }

                lost = one == newest && other.Map == last ? fault : lost;
            }

            one.Map.Follow(others.Count > 0 ? new EarlierMaps(others, one == newest) : null);
        }

        return lost;
    }

    /// <summary>Exchanges the newest map with an earlier one of the same layout, so that those who hold the earlier one use the newest.</summary>
    internal void Exchange(BpfMapHandle earlier, BpfMapHandle newest)
    {
        (EarlierMaps? ofEarlier, EarlierMaps? ofNewest) = (earlier.Earlier, newest.Earlier);
        earlier.Exchange(newest);
        foreach (List<Ancestor> maps in _maps.Values)
        {
            int index = maps.FindIndex(one => one.Map == earlier);
            if (index >= 0)
            {
                maps[index] = maps[index] with { Map = newest };
                maps.ForEach(one => one.Map.Follow(one.Map.Earlier?.Exchanging(earlier, newest)));
            }
        }

        earlier.Follow(ofNewest?.Exchanging(earlier, newest));
        newest.Follow(ofEarlier?.Exchanging(earlier, newest));
    }

    /// <summary>The data section of an earlier version with these variables; null if there is none. Variables that have no tag get their initial values.</summary>
    internal SectionMemory? Find(BpfObjectSpec next, BpfDataSectionSpec section)
    {
        string signature = MapSignature.Of(next, section);
        if (_sections.GetValueOrDefault(section.Name)?.Find(one => one.Signature == signature) is not { } found)
        {
            return null;
        }

        foreach (BpfGlobalVariable variable in section.Variables.Where(variable => !found.Fields.Any(field => field.Offset >= variable.Offset && field.Offset < variable.Offset + variable.Size)))
        {
            found.Memory.Write(variable.Offset, section.Image.Slice(variable.Offset, variable.Size));
        }

        return found.Memory;
    }

    /// <summary>Takes the data section of a version that ends.</summary>
    /// <param name="spec">That version.</param>
    /// <param name="section">The section in it.</param>
    /// <param name="memory">Its memory.</param>
    /// <returns>The variables whose values no later version can take over.</returns>
    internal IReadOnlyList<string> Add(BpfObjectSpec spec, BpfDataSectionSpec section, SectionMemory memory)
    {
        List<MergeField> fields = FieldsOf(MergeTags.Read(spec), section, out List<string> untagged);
        if (fields.Count > 0)
        {
            ListOf(_sections, section.Name).Add(new SectionAncestor(memory, MapSignature.Of(spec, section), fields, section.Image.ToArray()));
        }

        return untagged;
    }

    /// <summary>Makes a data section the one that programs write to, with the values of all earlier ones that it can show.</summary>
    /// <param name="spec">Its version.</param>
    /// <param name="section">The section in it.</param>
    /// <param name="memory">Its memory, new or of an earlier version.</param>
    /// <returns>Whether it has values of an earlier one, and why it lacks others; null where it lacks none.</returns>
    internal (bool Has, string? Fault) Continue(BpfObjectSpec spec, BpfDataSectionSpec section, SectionMemory memory)
    {
        if (!_sections.TryGetValue(section.Name, out List<SectionAncestor>? all))
        {
            return default;
        }

        // The initial values of what it has counted before are those of then.
        byte[] initial = all.Find(one => one.Memory == memory)?.Initial ?? section.Image.ToArray();
        all.RemoveAll(one => one.Memory == memory);
        List<MergeField> fields = FieldsOf(MergeTags.Read(spec), section, out _);
        List<EarlierSection> earlier = [];
        string? fault = null;
        foreach (SectionAncestor one in all)
        {
            List<MergeField> fit = [.. one.Fields];
            MergePlan? plan;
            while ((plan = MergePlan.Of(fit, fields, out string? unfit)) is null)
            {
                // One variable after the other is left out.
                fault = unfit;
                fit.RemoveAll(field => MergePlan.Of([field], fields, out _) is null);
            }

            earlier.Add(new EarlierSection(one.Memory, one.Initial, plan));
        }

        memory.Follow([.. earlier], initial);
        return (earlier.Count > 0, fault);
    }

    /// <summary>Makes the handle of a section that was given out first show the newest one, variable by variable.</summary>
    internal void Show(string name, BpfGlobalSection first, IReadOnlyList<BpfGlobalVariable> firstVariables, SectionMemory memory, IReadOnlyList<BpfGlobalVariable> variables)
    {
        if (!_views.TryGetValue(name, out (BpfGlobalSection View, IReadOnlyList<BpfGlobalVariable> Variables) given))
        {
            _views.Add(name, given = (first, firstVariables));
        }

        bool isSame = given.Variables.Count == variables.Count && given.Variables.Zip(variables, static (one, other) => (one.Name, one.Offset, one.Size) == (other.Name, other.Offset, other.Size)).All(static same => same);
        given.View.Become(memory, isSame ? null :
        [
            .. from one in given.Variables
               join other in variables on (one.Name, one.Size, one.IsStatic) equals (other.Name, other.Size, other.IsStatic)
               select new MovedVariable(one.Offset, one.Size, other.Offset),
        ]);
    }

    // With offsets in the section, and those variables of which no member is taken over.
    private static List<MergeField> FieldsOf(MergeTags? tags, BpfDataSectionSpec section, out List<string> untagged)
    {
        List<MergeField> fields = [];
        untagged = [];
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

        return fields;
    }

    private static List<T> ListOf<T>(Dictionary<string, List<T>> lists, string name)
    {
        if (!lists.TryGetValue(name, out List<T>? list))
        {
            lists.Add(name, list = []);
        }

        return list;
    }

    // Null, and why, if one of its members has no tag.
    private static IReadOnlyList<MergeField>? FieldsOf(BpfObjectSpec spec, BpfMapSpec map, out string? fault)
    {
        fault = !s_mergeable.Contains(map.Type) ? $"a map of type {map.Type} cannot be taken over"
            : (map.Flags & BpfMapFlags.Mappable) != 0 ? "a map with BPF_F_MMAPABLE cannot be taken over" : null;
        if (fault is not null)
        {
            return null;
        }

        if (MergeTags.Read(spec) is not { } tags)
        {
            fault = "its value has no tag of hypermesh/reload.h";
            return null;
        }

        IReadOnlyList<MergeField> fields = tags.Of(map, out fault);
        return fault is null ? fields : null;
    }

    private static string? Fault(Ancestor from, Ancestor into)
        => from.Map.Type != into.Map.Type ? $"it is {into.Map.Type} and was {from.Map.Type}"
            : from.Key != into.Key || from.Map.KeySize != into.Map.KeySize ? "its key has another type"
            : from.Map.Type is BpfMapType.Array or BpfMapType.PerCpuArray && into.Map.MaxEntries < from.Map.MaxEntries ? "it has fewer elements"
            : null;

    private sealed record SectionAncestor(SectionMemory Memory, string Signature, IReadOnlyList<MergeField> Fields, byte[] Initial);

    private sealed record Ancestor(BpfMapHandle Map, string Signature, IReadOnlyList<MergeField> Fields, string Key);
}
