using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects.ProgramLinking;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>
/// The maps of a program's jump tables while it is loaded, one for each table (6.19). A table belongs to one program, for which the verifier writes the compiled addresses into it; the program
/// keeps it from then on.
/// </summary>
internal sealed class JumpTables(IKernel kernel, string objectName, string programName, BpfToken? token) : IDisposable
{
    private readonly Dictionary<int, BpfMapHandle> _maps = [];

    /// <summary>The descriptor of a table's map, open until this is disposed.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel does not support jump tables.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    internal int Make(LinkedJumpTable table)
    {
        if (!_maps.TryGetValue(table.Place, out BpfMapHandle? map))
        {
            map = Create(table.Targets.Count);
            _maps.Add(table.Place, map);
            Fill(new BpfInstructionArray(map), table.Targets);
        }

        return (int)map.Handle.DangerousGetHandle();
    }

    public void Dispose()
    {
        var teardown = default(Teardown);
        foreach (BpfMapHandle map in _maps.Values)
        {
            teardown.End(map);
        }

        teardown.Report();
    }

    private BpfMapHandle Create(int entries)
    {
        var definition = new BpfMapDefinition(JumpTableReader.Section, BpfMapType.InsnArray, sizeof(int), BpfInstructionArray.EntrySize, (uint)entries) { Token = token?.Permission };
        long result = MapCreator.TryCreate(kernel, definition);
        return result >= 0
            ? new BpfMapHandle(kernel, definition, new BpfHandle(kernel, result) { Subject = $"a jump table of program {programName}" }, objectName)
            : throw FeatureErrors.Of(
                kernel, BpfCommand.MapCreate, result, $"Creating a jump table of {entries} entries for program {programName}", Capabilities.Bpf, objectName, programName, MapFeatures.JumpTables);
    }

    private static void Fill(BpfInstructionArray map, IReadOnlyList<int> targets)
    {
        for (int i = 0; i < targets.Count; i++)
        {
            map.Set(i, targets[i]);
        }

        map.MapHandle.Freeze();
    }
}
