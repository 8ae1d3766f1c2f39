using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Metrics;

namespace Hypermesh.Bpf.Objects.Merging;

/// <summary>
/// Reads the tags of <c>hypermesh/reload.h</c>: how the values of a version become those of the next one, member by member. A counter of <c>hypermesh/metric.h</c> is a sum.
/// </summary>
internal sealed class MergeTags
{
    private const string Prefix = "hypermesh.merge:";
    private const int WholeDeclaration = -1;
    private const int MostLevels = 32;
    private const int MostFields = 4096;

    private static readonly Dictionary<string, MergeRule> s_rules = new(StringComparer.Ordinal)
    {
        ["sum"] = MergeRule.Sum,
        ["max"] = MergeRule.Max,
        ["min"] = MergeRule.Min,
        ["keep"] = MergeRule.Keep,
    };

    private readonly BtfTypes _types;
    private readonly Dictionary<(int Type, int Member), MergeRule> _rules = [];

    private MergeTags(BtfTypes types) => _types = types;

    /// <summary>Reads the tags of an object; one without types has none.</summary>
    public static MergeTags? Read(BpfObjectSpec spec)
    {
        if (spec.Btf is not { } types)
        {
            return null;
        }

        var tags = new MergeTags(types);
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id] is { Kind: BtfKind.DeclarationTag } tag && RuleOf(tag.Name) is { } rule)
            {
                tags._rules[(tag.TypeId, tag.DeclarationTagComponent)] = rule;
            }
        }

        return tags._rules.Count == 0 ? null : tags;
    }

    /// <summary>Returns the members of a map's value.</summary>
    /// <param name="map">The map.</param>
    /// <param name="untagged">The member that cannot be carried over, as the beginning of a sentence; null when all can be.</param>
    public IReadOnlyList<MergeField> Of(BpfMapSpec map, out string? untagged)
        => Of(map.ValueTypeId, RuleOf(_types.Find(map.Name, BtfKind.Variable), WholeDeclaration), out untagged);

    /// <summary>Returns the members of a variable, with offsets in the variable.</summary>
    public IReadOnlyList<MergeField> Of(BpfGlobalVariable variable, out string? untagged)
        => Of(variable.TypeId, RuleOf(_types.Find(variable.Name, BtfKind.Variable), WholeDeclaration), out untagged);

    private static MergeRule? RuleOf(string tag)
        => tag.StartsWith(Prefix, StringComparison.Ordinal) ? s_rules.TryGetValue(tag.Substring(Prefix.Length), out MergeRule rule) ? rule : null
            : MetricTag.Read(tag) is { IsCounter: true } ? MergeRule.Sum : null;

    private MergeRule? RuleOf(int typeId, int member) => _rules.TryGetValue((typeId, member), out MergeRule rule) ? rule : null;

    private List<MergeField> Of(int typeId, MergeRule? rule, out string? untagged)
    {
        var fields = new List<MergeField>();
        untagged = typeId == 0 ? "it has no type" : Add(fields, typeId, rule, "", 0, 0);
        return fields;
    }

    // Returns what cannot be carried over.
    private string? Add(List<MergeField> fields, int typeId, MergeRule? rule, string path, long offset, int level)
    {
        BtfType type = _types[_types.SkipModifiers(typeId)];
        string subject = path.Length == 0 ? "its value" : $"member '{path}'";
        if (level > MostLevels || fields.Count >= MostFields || offset > int.MaxValue)
        {
            return $"its value has more than {MostFields} members, or structs that are nested more than {MostLevels} deep";
        }

        if (rule == MergeRule.Keep)
        {
            fields.Add(new MergeField(path, (int)offset, (int)_types.SizeOf(typeId), 1, false, MergeRule.Keep));
            return null;
        }

        if (type.Kind == BtfKind.Struct)
        {
            return AddMembers(fields, type, rule, path, offset, level);
        }

        if (rule is not { } known)
        {
            return $"{subject} has no tag of hypermesh/reload.h";
        }

        (int elementId, int count) = type.Kind == BtfKind.Array && type.Array.Count is > 0 and <= MostFields ? (type.Array.ElementTypeId, (int)type.Array.Count) : (typeId, 1);
        if (MetricInteger.Of(_types, elementId, (int)offset) is { IsNetworkOrder: false } number)
        {
            fields.Add(new MergeField(path, number.Offset, number.Size, count, number.IsSigned, known));
            return null;
        }

        return type.Kind == BtfKind.Array && _types[_types.SkipModifiers(elementId)].Kind is BtfKind.Struct or BtfKind.Array
            ? AddElements(fields, elementId, count, known, path, offset, level)
            : $"{subject} is {MetricTypes.Describe(type)}, of which there is no {(known == MergeRule.Sum ? "sum" : "greatest or smallest value")}";
    }

    private string? AddMembers(List<MergeField> fields, BtfType type, MergeRule? rule, string path, long offset, int level)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            string name = _types.GetString(member.NameOffset);
            string inner = name.Length == 0 ? path : path.Length == 0 ? name : $"{path}.{name}";
            string? fault = member.BitfieldSize > 0 ? $"member '{inner}' is a bit-field" : Add(fields, member.TypeId, RuleOf(type.Id, i) ?? rule, inner, offset + (member.BitOffset / 8), level + 1);
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    private string? AddElements(List<MergeField> fields, int elementId, int count, MergeRule rule, string path, long offset, int level)
    {
        long size = _types.SizeOf(elementId);
        string? fault = null;
        for (int i = 0; i < count && fault is null; i++)
        {
            fault = Add(fields, elementId, rule, $"{path}[{i}]", offset + (i * size), level + 1);
        }

        return fault;
    }
}
