using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation.Values;

/// <summary>Finds the type of a map's records: its <c>__type(value, T)</c>, or <c>HM_RECORDS(T)</c>, or the only type that <c>HM_EVENT</c> keeps.</summary>
internal static class EventType
{
    /// <summary>Returns the ID of the type; 0 for bytes.</summary>
    internal static int Of(BpfObjectSpec spec, BpfMapSpec map)
    {
        if (spec.Btf is not { } types)
        {
            return 0;
        }

        if (map.ValueTypeId != 0 && types[types.SkipModifiers(map.ValueTypeId)].IsComposite)
        {
            return map.ValueTypeId;
        }

        foreach ((int variable, string record) in EventMarks.Records(types))
        {
            if (types[variable].Name == map.Name)
            {
                return EventMarks.Find(types, record);
            }
        }

        return EventMarks.Events(types).Distinct().ToArray() is [int only] ? only : 0;
    }
}
