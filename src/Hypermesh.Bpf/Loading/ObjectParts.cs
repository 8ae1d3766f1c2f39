namespace Hypermesh.Bpf.Loading;

/// <summary>What a load has made so far, by name; a failed load gives it back, a live object owns it.</summary>
internal sealed class ObjectParts : IDisposable
{
    internal Dictionary<string, BpfMapDescriptor> Maps { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, BpfMapDescriptor> SectionMaps { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, BpfGlobalSection> Sections { get; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfStructOps> StructOps { get; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, BpfProgram> Programs { get; } = new(StringComparer.Ordinal);

    internal List<BpfRefusedProgram> Refused { get; } = [];

    /// <summary>Readers first, then links and programs, then maps: what uses ends before what is used.</summary>
    public void Dispose()
    {
        foreach (BpfMapDescriptor map in Maps.Values)
        {
            map.EndReaders();
        }

        foreach (BpfStructOps table in StructOps.Values)
        {
            table.End();
        }

        foreach (BpfProgram program in Programs.Values)
        {
            program.Unload();
        }

        foreach (BpfMapDescriptor map in Maps.Values)
        {
            map.Dispose();
        }

        foreach (BpfStructOps table in StructOps.Values)
        {
            table.Map.Dispose();
        }

        foreach (BpfMapDescriptor map in SectionMaps.Values)
        {
            map.Dispose();
        }
    }
}
