using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Loading;

/// <summary>Writes the initial values of the C into maps of maps (before the programs are loaded) and program arrays (after).</summary>
internal static unsafe class InitialValues
{
    internal static void FillMapsOfMaps(BpfObjectSpec spec, ObjectParts parts, Func<BpfMapSpec, bool> isWanted)
    {
        foreach (BpfMapSpec map in spec.Maps.Where(map => map.Type is BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps && isWanted(map)))
        {
            foreach (BpfMapInitialValue value in map.InitialValues)
            {
                BpfMapHandle inner = parts.Maps.TryGetValue(value.Target, out BpfMapHandle? found)
                    ? found
                    : throw new BpfException($"Map {map.Name} in {spec.Name} has the initial value '{value.Target}', which is not a map.", spec.Name, map.Name);
                BpfMapHandle outer = parts.Maps[map.Name];
                Put(outer, value, inner.IsCreated ? inner.Created : null, () => InnerMaps.Unlike(outer, inner));
            }
        }
    }

    /// <summary>Fills program arrays. A program that is disabled, or optional and rejected, leaves its element empty: a tail call to it continues after the call.</summary>
    internal static void FillProgramArrays(BpfObjectSpec spec, ObjectParts parts, ILogger logger, Func<BpfMapSpec, bool> isWanted)
    {
        foreach (BpfMapSpec map in spec.Maps.Where(map => map.Type == BpfMapType.ProgArray && isWanted(map)))
        {
            foreach (BpfMapInitialValue value in map.InitialValues)
            {
                BpfProgram program = parts.Programs.TryGetValue(value.Target, out BpfProgram? found)
                    ? found
                    : throw new BpfException($"Map {map.Name} in {spec.Name} has the initial value '{value.Target}', which is not a program.", spec.Name, map.Name);
                if (!program.IsLoaded)
                {
                    logger.ProgramSlotEmpty(map.Name, value.Index, value.Target);
                }

                BpfMapHandle array = parts.Maps[map.Name];
                Put(array, value, program.IsLoaded ? program.Loaded : null, () => ProgramArrayOwner.Explain(array, program));
            }
        }
    }

    private static void Put(BpfMapHandle map, BpfMapInitialValue value, BpfHandle? target, Func<string?> whyInvalid)
    {
        if (!map.IsCreated || target is null)
        {
            return;
        }

        using HandleUse use = target.Use();
        int key = value.Index;
        int descriptor = use.Descriptor;
        long result = MapCalls.Update(map, &key, &descriptor, UpdateMode.Any);
        if (result < 0)
        {
            throw MapElementErrors.Of(map, BpfCommand.MapUpdateElement, result, $"Writing {value.Target} to element {value.Index} of map {map.Name}", result == -Errno.EINVAL ? whyInvalid() : null);
        }
    }
}
