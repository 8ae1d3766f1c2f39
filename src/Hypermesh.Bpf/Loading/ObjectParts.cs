namespace Hypermesh.Bpf.Loading;

/// <summary>What a load has created so far, by name; a failed load frees it, a live object owns it.</summary>
internal sealed class ObjectParts : IDisposable
{
    internal Dictionary<string, BpfMapHandle> Maps { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, BpfMapHandle> SectionMaps { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, BpfGlobalSection> Sections { get; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfStructOps> StructOps { get; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfProgram> Programs { get; } = new(StringComparer.Ordinal);

    internal List<BpfRefusedProgram> Refused { get; } = [];

    /// <summary>Disposes readers first, then links and programs, then maps: users before what they use. Failures are thrown at the end.</summary>
    public void Dispose()
    {
        var teardown = default(Teardown);
        foreach (BpfMapHandle map in Maps.Values)
        {
            teardown.Do(map, static map => map.EndReaders());
        }

        foreach (BpfStructOps table in StructOps.Values)
        {
            teardown.Do(table, static table => table.End());
        }

        foreach (BpfProgram program in Programs.Values)
        {
            teardown.Do(program, static program => program.Unload());
        }

        foreach (BpfMapHandle map in Maps.Values)
        {
            teardown.End(map);
        }

        foreach (BpfStructOps table in StructOps.Values)
        {
            teardown.End(table.Map);
        }

        foreach (BpfMapHandle map in SectionMaps.Values)
        {
            teardown.End(map);
        }

        teardown.Report();
    }
}
