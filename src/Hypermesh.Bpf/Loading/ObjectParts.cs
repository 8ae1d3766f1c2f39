using Hypermesh.Bpf.Metrics;

namespace Hypermesh.Bpf.Loading;

/// <summary>What a load has created so far, by name; a failed load frees it, a live object owns it.</summary>
internal sealed class ObjectParts : IDisposable
{
    internal Dictionary<string, BpfMapHandle> Maps { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, BpfMapHandle> SectionMaps { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, BpfGlobalSection> Sections { get; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfStructOps> StructOps { get; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfProgram> Programs { get; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfException> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>The instruments that the C declares; null when it declares none.</summary>
    internal ObjectMeter? Meter { get; set; }

    /// <summary>Disposes readers first, then links and programs, then maps: users before what they use. Failures are thrown at the end.</summary>
    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(Meter);
        foreach (BpfMapHandle map in Maps.Values)
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

        foreach (BpfMapHandle map in Maps.Values)
        {
            teardown.End(map);
        }

        foreach (BpfStructOps structOps in StructOps.Values)
        {
            teardown.End(structOps.Map);
        }

        foreach (BpfMapHandle map in SectionMaps.Values)
        {
            teardown.End(map);
        }

        teardown.Report();
    }
}
