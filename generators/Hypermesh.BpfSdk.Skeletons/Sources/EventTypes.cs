using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Sources;

/// <summary>
/// Finds the type of the records of a ring buffer or perf event array: its <c>__type(value, T)</c>, or the tag <c>HM_RECORDS(T)</c> on it; and on the members of
/// that type the tag <c>HM_KIND(constant)</c>, which distinguishes them.
/// </summary>
internal sealed class EventTypes
{
    private static readonly HashSet<BpfMapType> s_maps = [BpfMapType.RingBuf, BpfMapType.PerfEventArray, BpfMapType.UserRingBuf];

    private readonly BtfTypes _types;
    private readonly Findings _findings;
    private readonly Dictionary<int, string> _records = [];
    private readonly Dictionary<(int Type, int Member), string> _kinds = [];
    private readonly HashSet<int> _unions = [];
    private readonly Dictionary<int, bool> _isUnion = [];
    private readonly Dictionary<string, int> _found = new(StringComparer.Ordinal);

    public EventTypes(BtfTypes types, Findings findings)
    {
        _types = types;
        _findings = findings;
        foreach ((int variable, string record) in EventMarks.Records(types))
        {
            _records[variable] = record;
        }

        foreach ((int structId, int member, string constant) in EventMarks.Kinds(types))
        {
            _kinds[(structId, member)] = constant;
            _unions.Add(structId);
        }
    }

    /// <summary>Returns the type of a map's records; 0 for bytes.</summary>
    public int Of(BpfMapSpec map)
    {
        if (!s_maps.Contains(map.Type))
        {
            return 0;
        }

        if (!_found.TryGetValue(map.Name, out int id))
        {
            id = Find(map);
            _found.Add(map.Name, id);
        }

        return id;
    }

    /// <summary>Returns true for a type with the tag on some of its members, including those of anonymous structs and unions.</summary>
    public bool IsUnion(int structId) => IsUnion(structId, 0);

    /// <summary>Returns the constant of a member, as the C writes it; null for a member without a tag.</summary>
    public string? ConstantOf(int structId, int member) => _kinds.TryGetValue((structId, member), out string? constant) ? constant : null;

    // Each struct is examined once: where structs contain the same struct twice, the visits would double at every level.
    private bool IsUnion(int structId, int depth)
        => _isUnion.TryGetValue(structId, out bool known) ? known : _isUnion[structId] = _unions.Contains(structId) || HoldsUnion(_types[structId], depth);

    private bool HoldsUnion(BtfType type, int depth)
    {
        for (int i = 0; type.IsComposite && depth < TypeNesting.MaximumDepth && i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            if (TypeNesting.IsTransparent(_types, member) && IsUnion(_types.SkipModifiers(member.TypeId), depth + 1))
            {
                return true;
            }
        }

        return false;
    }

    private int Find(BpfMapSpec map)
    {
        int variable = _types.Find(map.Name, BtfKind.Variable);
        if (variable == 0 || !_records.TryGetValue(variable, out string? named))
        {
            // The values of a perf event array are descriptors; only a struct there is meant as a record.
            return map.Type != BpfMapType.PerfEventArray || (map.ValueTypeId != 0 && _types[_types.SkipModifiers(map.ValueTypeId)].IsComposite) ? map.ValueTypeId : 0;
        }

        int id = EventMarks.Find(_types, named);
        if (id == 0)
        {
            _findings.Add(DiagnosticIds.MissingEventType, map.Name, 0, named, map.Name);
        }

        return id;
    }
}
