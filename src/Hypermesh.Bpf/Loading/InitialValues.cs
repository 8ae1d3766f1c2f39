using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Loading;

/// <summary>Puts what the C says into maps of maps (before the programs are loaded) and arrays of programs (after).</summary>
internal static unsafe class InitialValues
{
    internal static void FillMapsOfMaps(BpfObjectSpec spec, ObjectParts parts)
    {
        foreach (BpfMapSpec map in spec.Maps.Where(static map => map.Type is BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps))
        {
            foreach (BpfMapInitialValue value in map.InitialValues)
            {
                BpfMapHandle inner = parts.Maps.TryGetValue(value.Target, out BpfMapHandle? found)
                    ? found
                    : throw new BpfException($"Map {map.Name} in {spec.Name} is to hold '{value.Target}', which is no map.", spec.Name, map.Name);
                BpfMapHandle outer = parts.Maps[map.Name];
                Put(outer, value, inner.IsCreated ? inner.Created : null, () => InnerMaps.Unlike(outer, inner));
            }
        }
    }

    /// <summary>A program that is switched off, or was optional and refused, leaves its element empty: a tail call to it goes on behind the call.</summary>
    internal static void FillProgramArrays(BpfObjectSpec spec, ObjectParts parts, ILogger logger)
    {
        foreach (BpfMapSpec map in spec.Maps.Where(static map => map.Type == BpfMapType.ProgArray))
        {
            foreach (BpfMapInitialValue value in map.InitialValues)
            {
                BpfProgram program = parts.Programs.TryGetValue(value.Target, out BpfProgram? found)
                    ? found
                    : throw new BpfException($"Map {map.Name} in {spec.Name} is to hold '{value.Target}', which is no program.", spec.Name, map.Name);
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
            throw MapErrors.Of(map, BpfCommand.MapUpdateElement, result, $"Putting {value.Target} into element {value.Index} of map {map.Name}", result == -Errno.EINVAL ? whyInvalid() : null);
        }
    }
}
