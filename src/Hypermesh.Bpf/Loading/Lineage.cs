using Hypermesh.Bpf.Globals;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// The maps that earlier versions of an object have filled. Of each layout there is one: a version whose map has a layout of before goes on in that map, and what is read is merged from all
/// of them. So nothing is copied between maps while programs count, and a version may come and go as often as it likes.
/// </summary>
internal sealed class Lineage
{
    private readonly Dictionary<string, List<MapAncestor>> _maps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SectionAncestor>> _sections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (BpfGlobalSection View, IReadOnlyList<BpfGlobalVariable> Variables)> _views = new(StringComparer.Ordinal);

    /// <summary>All maps, those of data sections too.</summary>
    internal IEnumerable<BpfMapHandle> Handles => Maps.Select(static one => one.Handle).Concat(Sections.Select(static one => one.Memory.Map));

    internal IEnumerable<(string Name, BpfMapHandle Handle, MapFacts Facts)> Maps => _maps.SelectMany(static all => all.Value.Select(one => (all.Key, one.Handle, one.Facts)));

    internal IEnumerable<(string Name, SectionMemory Memory, SectionFacts Facts)> Sections => _sections.SelectMany(static all => all.Value.Select(one => (all.Key, one.Memory, one.Facts)));

    /// <summary>The map of an earlier version with the layout of this one; null if there is none.</summary>
    internal BpfMapHandle? Find(string name, MapFacts facts) => _maps.GetValueOrDefault(name)?.Find(one => one.Facts.Signature == facts.Signature)?.Handle;

    /// <summary>The data section of an earlier version with these variables; null if there is none. Variables that have no tag get their initial values.</summary>
    internal SectionMemory? Find(BpfDataSectionSpec section, SectionFacts facts)
    {
        if (_sections.GetValueOrDefault(section.Name)?.Find(one => one.Facts.Signature == facts.Signature) is not { } found)
        {
            return null;
        }

        foreach (BpfGlobalVariable variable in section.Variables.Where(variable => !found.Facts.Fields.Any(field => field.Offset >= variable.Offset && field.Offset < variable.Offset + variable.Size)))
        {
            found.Memory.Write(variable.Offset, section.Image.Slice(variable.Offset, variable.Size));
        }

        return found.Memory;
    }

    /// <summary>Takes the map of a version that ends; false if no later version can take over its values.</summary>
    internal bool TryAdd(string name, BpfMapHandle handle, MapFacts facts)
    {
        if (facts.Fields is not null)
        {
            ListOf(_maps, name).Add(new MapAncestor(handle, facts));
        }

        return facts.Fields is not null;
    }

    /// <summary>Takes the data section of a version that ends.</summary>
    internal void Add(string name, SectionMemory memory, SectionFacts facts)
    {
        if (facts.Fields.Count > 0)
        {
            ListOf(_sections, name).Add(new SectionAncestor(memory, facts));
        }
    }

    /// <summary>Makes a map the one that programs write to, with the values of all earlier ones that it can show. A handle of an earlier one shows the values of the others, too.</summary>
    /// <param name="name">The map's name.</param>
    /// <param name="facts">Its facts.</param>
    /// <param name="handle">The map, new or of an earlier version.</param>
    /// <param name="last">The map of the version before; null if it had none.</param>
    /// <returns>Why the values of the version before are not shown; null if they are.</returns>
    internal string? Continue(string name, MapFacts facts, BpfMapHandle handle, BpfMapHandle? last)
    {
        if (!_maps.TryGetValue(name, out List<MapAncestor>? all))
        {
            return null;
        }

        all.RemoveAll(one => one.Handle == handle);
        if (facts.Fields is null)
        {
            handle.Follow(null);
            return facts.Fault;
        }

        var newest = new MapAncestor(handle, facts);
        string? lost = null;
        foreach (MapAncestor one in all.Append(newest))
        {
            List<EarlierMap> others = [];
            string? hidden = null;
            foreach (MapAncestor other in all.Append(newest).Where(other => other != one))
            {
                string? fault = Fault(other, one);
                if (fault is null && MergePlan.Of(other.Facts.Fields!, one.Facts.Fields!, out fault) is { } plan)
                {
                    others.Add(new EarlierMap(other.Handle, plan));
                }

                lost = one == newest && other.Handle == last ? fault : lost;
                hidden = other == newest ? fault : hidden;
            }

            // One whose values are not taken over is read as it was left.
            bool isTaken = one == newest || (Fault(one, newest) is null && MergePlan.Of(one.Facts.Fields!, facts.Fields, out _) is not null);
            one.Handle.Follow(isTaken && (others.Count > 0 || hidden is not null) ? new EarlierMaps(others, one == newest, hidden) : null);
        }

        return lost;
    }

    /// <summary>Makes a data section the one that programs write to, with the values of all earlier ones that it can show.</summary>
    /// <param name="name">The section's name.</param>
    /// <param name="facts">Its facts.</param>
    /// <param name="memory">Its memory, new or of an earlier version.</param>
    /// <returns>Whether it has values of an earlier one, and why it lacks others; null where it lacks none.</returns>
    internal (bool Has, string? Fault) Continue(string name, SectionFacts facts, SectionMemory memory)
    {
        if (!_sections.TryGetValue(name, out List<SectionAncestor>? all))
        {
            return default;
        }

        all.RemoveAll(one => one.Memory == memory);
        List<EarlierSection> earlier = [];
        string? fault = null;
        foreach (SectionAncestor one in all)
        {
            List<MergeField> fit = [.. one.Facts.Fields];
            MergePlan? plan;
            while ((plan = MergePlan.Of(fit, facts.Fields, out string? unfit)) is null)
            {
                // Without the variables that do not fit.
                fault = unfit;
                fit.RemoveAll(field => MergePlan.Of([field], facts.Fields, out _) is null);
            }

            earlier.Add(new EarlierSection(one.Memory, plan));
        }

        memory.Follow([.. earlier]);
        return (earlier.Count > 0, fault);
    }

    /// <summary>Exchanges the newest map with an earlier one of the same layout, so that views of the earlier one show the newest.</summary>
    internal void Exchange(BpfMapHandle earlier, BpfMapHandle newest)
    {
        (MapState ofEarlier, MapState ofNewest) = (earlier.State, newest.State);
        earlier.Become(ofNewest with { Earlier = ofNewest.Earlier?.Exchanging(earlier, newest) });
        newest.Become(ofEarlier with { Earlier = ofEarlier.Earlier?.Exchanging(earlier, newest) });
        foreach (List<MapAncestor> maps in _maps.Values)
        {
            int index = maps.FindIndex(one => one.Handle == earlier);
            if (index >= 0)
            {
                maps[index] = maps[index] with { Handle = newest };
                maps.Where(one => one.Handle != newest).ToList().ForEach(one => one.Handle.Follow(one.Handle.Earlier?.Exchanging(earlier, newest)));
            }
        }
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

    private static List<T> ListOf<T>(Dictionary<string, List<T>> lists, string name)
    {
        if (!lists.TryGetValue(name, out List<T>? list))
        {
            lists.Add(name, list = []);
        }

        return list;
    }

    private static string? Fault(MapAncestor from, MapAncestor into)
        => from.Handle.Type != into.Handle.Type ? $"it is {into.Handle.Type} and was {from.Handle.Type}"
            : from.Facts.Key != into.Facts.Key || from.Handle.KeySize != into.Handle.KeySize ? "its key has another type"
            : from.Handle.Type is BpfMapType.Array or BpfMapType.PerCpuArray && into.Handle.MaxEntries < from.Handle.MaxEntries ? "it has fewer elements"
            : null;

    private sealed record SectionAncestor(SectionMemory Memory, SectionFacts Facts);

    private sealed record MapAncestor(BpfMapHandle Handle, MapFacts Facts);
}
