using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Metrics;

/// <summary>Finds the attributes that a map's key has.</summary>
internal sealed class MetricAttributeReader
{
    private const string WholeKey = "key";
    private const int MostAttributes = 64;

    // Structs that contain the same struct twice, level by level, would need exponentially many steps.
    private const int MostSteps = 4096;
    private const int MostBytes = 4096;
    private const int MostLevels = 64;

    private static readonly Dictionary<ulong, string> s_noNames = [];

    private readonly BtfTypes _types;
    private readonly List<MetricAttribute> _attributes = [];
    private string? _fault;
    private int _steps;

    private MetricAttributeReader(BtfTypes types) => _types = types;

    /// <summary>The attribute of an array whose key has no type: its index.</summary>
    public static MetricAttribute Index { get; } = new(WholeKey, MetricAttributeKind.Number, new MetricInteger(0, sizeof(uint), IsSigned: false, IsNetworkOrder: false), s_noNames);

    /// <summary>Returns the attributes of a key, or sets what keeps it from having any, and the remedy.</summary>
    public static IReadOnlyList<MetricAttribute> Read(BtfTypes types, int keyTypeId, out string? fault)
    {
        var reader = new MetricAttributeReader(types);
        reader.Add(keyTypeId, "", 0, 0);
        fault = reader._fault;
        return reader._attributes;
    }

    private void Add(int typeId, string path, long offset, int level)
    {
        if (_fault is not null)
        {
            return;
        }

        BtfType type = _types[_types.SkipModifiers(typeId)];
        if (++_steps > MostSteps || level > MostLevels || _attributes.Count >= MostAttributes || offset > MostBytes)
        {
            _fault = $"its key has more than {MostAttributes} members or {MostBytes} bytes. Use a smaller key";
        }
        else if (type.Kind == BtfKind.Struct)
        {
            AddMembers(type, path, offset, level + 1);
        }
        else if (type.Kind == BtfKind.Array && _types[_types.SkipModifiers(type.Array.ElementTypeId)] is { Kind: BtfKind.Int, Size: 1 } element && type.Array.Count is > 0 and <= MostBytes)
        {
            Add(path, element.Name == "char" ? MetricAttributeKind.Text : MetricAttributeKind.Bytes, new MetricInteger((int)offset, (int)type.Array.Count, false, false), s_noNames);
        }
        else if (type is { IsEnum: true, Size: 1 or 2 or 4 or 8 })
        {
            Add(path, MetricAttributeKind.Constant, new MetricInteger((int)offset, (int)type.Size, type.KindFlag, false), Constants(type));
        }
        else if (type is { Kind: BtfKind.Int, Size: 1 } && (type.IntEncoding & BtfIntEncoding.Bool) != 0)
        {
            Add(path, MetricAttributeKind.Boolean, new MetricInteger((int)offset, 1, false, false), s_noNames);
        }
        else if (MetricInteger.Of(_types, typeId, (int)offset) is { } number)
        {
            Add(path, MetricAttributeKind.Number, number, s_noNames);
        }
        else
        {
            _fault = $"{(path.Length == 0 ? "its key" : $"member '{path}' of its key")} is {MetricTypes.Describe(type)}, which cannot be an attribute. "
                + "Use integers, enums, char[] for text, and structs of these";
        }
    }

    private void Add(string path, MetricAttributeKind kind, MetricInteger place, IReadOnlyDictionary<ulong, string> names)
        => _attributes.Add(new MetricAttribute(path.Length == 0 ? WholeKey : path, kind, place, names));

    private void AddMembers(BtfType type, string path, long offset, int level)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            string name = _types.GetString(member.NameOffset);
            string inner = name.Length == 0 ? path : path.Length == 0 ? name : $"{path}.{name}";
            if (member.BitfieldSize > 0)
            {
                _fault ??= $"member '{inner}' of its key is a bit-field, which cannot be an attribute. Declare it as an integer";
            }

            Add(member.TypeId, inner, offset + (member.BitOffset / 8), level);
        }
    }

    private Dictionary<ulong, string> Constants(BtfType type)
    {
        var names = new Dictionary<ulong, string>();
        for (int i = 0; i < type.Length; i++)
        {
            BtfEnumValue constant = type.EnumValue(i);
            if (!names.ContainsKey(constant.Value))
            {
                names.Add(constant.Value, _types.GetString(constant.NameOffset));
            }
        }

        return names;
    }
}

/// <summary>Names types in the messages about tags.</summary>
internal static class MetricTypes
{
    private static readonly Dictionary<BtfKind, string> s_kinds = new()
    {
        [BtfKind.Int] = "an integer of another width",
        [BtfKind.Pointer] = "a pointer",
        [BtfKind.Array] = "an array",
        [BtfKind.Struct] = "a struct",
        [BtfKind.Union] = "a union",
        [BtfKind.Enum] = "an enum",
        [BtfKind.Enum64] = "an enum",
        [BtfKind.Float] = "a floating-point number",
        [BtfKind.Forward] = "a type that is only declared",
    };

    public static string Describe(BtfType type)
        => type.Kind == BtfKind.Int && (type.IntEncoding & BtfIntEncoding.Bool) != 0 ? "a bool" : s_kinds.TryGetValue(type.Kind, out string? kind) ? kind : "of a type without a size";
}
