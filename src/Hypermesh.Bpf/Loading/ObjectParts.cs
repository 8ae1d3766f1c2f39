using Hypermesh.Bpf.Metrics;

namespace Hypermesh.Bpf.Loading;

/// <summary>What a load has created so far, by name; a failed load frees it, a live object owns it.</summary>
internal sealed class ObjectParts : IDisposable
{
    internal Dictionary<string, BpfMapHandle> Maps { get; private set; } = new(StringComparer.Ordinal);

    internal Dictionary<string, BpfMapHandle> SectionMaps { get; private set; } = new(StringComparer.Ordinal);

    internal Dictionary<string, BpfGlobalSection> Sections { get; private set; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfStructOps> StructOps { get; private set; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfProgram> Programs { get; private set; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfException> Refused { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Maps of earlier versions that are not used any more, until the object ends.</summary>
    internal List<BpfMapHandle> Aside { get; } = [];

    /// <summary>Maps of earlier versions whose values are merged into those of this one.</summary>
    internal Lineage Lineage { get; } = new();

    /// <summary>Programs of the version before, which other threads may still use.</summary>
    internal List<IDisposable> Retired { get; } = [];

    /// <summary>The maps of a running version that a new one uses too: they are not its own until it takes its place.</summary>
    internal HashSet<BpfMapHandle> Borrowed { get; } = [];

    /// <summary>The instruments that the C declares; null when it declares none.</summary>
    internal ObjectMeter? Meter { get; set; }

    /// <summary>Takes the parts of a new version. Readers see the old ones or the new ones of a kind, without a lock.</summary>
    internal void Become(ObjectParts next)
    {
        Maps = next.Maps;
        SectionMaps = next.SectionMaps;
        Sections = next.Sections;
        StructOps = next.StructOps;
        Programs = next.Programs;
        Refused = next.Refused;
        Meter = next.Meter;
    }

    /// <summary>Disposes readers first, then links and programs, then maps: users before what they use. Failures are thrown at the end.</summary>
    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(Meter);
        foreach (BpfMapHandle map in Maps.Values.Where(map => !Borrowed.Contains(map)))
        {
            teardown.Do(map, static map => map.EndReaders());
        }

        foreach (BpfStructOps structOps in StructOps.Values)
        {
            teardown.Do(structOps, static structOps => structOps.End());
        }

        foreach (BpfProgram program in Programs.Values)
        {
            teardown.Do(program, static program => program.Unload());
        }

        Retired.ForEach(one => teardown.End(one));
        foreach (BpfMapHandle map in Maps.Values.Where(map => !Borrowed.Contains(map)))
        {
            teardown.End(map);
        }

        foreach (BpfStructOps structOps in StructOps.Values)
        {
            teardown.End(structOps.Map);
        }

        foreach (BpfMapHandle map in SectionMaps.Values.Where(map => !Borrowed.Contains(map)).Concat(Aside).Concat(Lineage.Handles))
        {
            teardown.End(map);
        }

        teardown.Report();
    }
}
