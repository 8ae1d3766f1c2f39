namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>The bodies of structs, unions and enums.</summary>
internal sealed class CDefinitions
{
    private const int LongBits = 64;

    // Beyond, bits are left out by an array instead of by line after line.
    private const int MostPadding = 16 * LongBits;

    private static readonly Dictionary<uint, string> s_modes = new() { [1] = "QI", [2] = "HI", [8] = "DI" };

    private readonly BtfTypes _types;
    private readonly CNames _names;
    private readonly CText _text;
    private readonly CLayout _layout;
    private readonly HashSet<int> _writtenEnums = [];

    public CDefinitions(BtfTypes types, CNames names, CText text)
    {
        _types = types;
        _names = names;
        _text = text;
        _layout = new CLayout(types);
        Declarations = new CDeclarations(types, names, text, this);
    }

    public CDeclarations Declarations { get; }

    /// <summary>A struct or union with its members.</summary>
    public string Composite(BtfType type, int indent)
    {
        string keyword = type.Kind == BtfKind.Union ? "union" : "struct";
        string head = type.NameOffset == 0 ? keyword : _names.Tag(type);
        string foot = _layout.IsPacked(type) ? "} __attribute__((packed))" : "}";
        return _text.Block(head, type.Kind == BtfKind.Union ? UnionMembers(type, indent) : StructMembers(type, indent), foot, indent);
    }

    /// <summary>An enum with its constants.</summary>
    public string Enum(BtfType type, int indent)
    {
        string head = type.NameOffset == 0 ? "enum" : _names.Tag(type);
        string foot = s_modes.TryGetValue(type.Size, out string? mode) ? $"}} __attribute__((mode({mode})))" : "}";
        return _text.Block(head, Constants(type), foot, indent);
    }

    /// <summary>An enum without a name where it is first used; constants exist once, so from then on it is the integer it is.</summary>
    public string AnonymousEnum(BtfType type, int indent)
        => _writtenEnums.Add(type.Id) ? Enum(type, indent) : CNumbers.Integer(type.Size, type.KindFlag);

    private IEnumerable<string> Constants(BtfType type)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfEnumValue constant = type.EnumValue(i);
            yield return $"{_names.Ordinary(constant.NameOffset)} = {Number(type, constant.Value)},";
        }
    }

    private static string Number(BtfType type, ulong value) => (type.Kind == BtfKind.Enum64, type.KindFlag) switch
    {
        (_, true) when value == 1UL << 63 => "(-9223372036854775807LL - 1)",
        (true, true) => $"{(long)value}LL",
        (true, false) => $"{value}ULL",
        (false, true) => $"{(long)value}",
        _ => $"{value}",
    };

    private IEnumerable<string> StructMembers(BtfType type, int indent)
    {
        bool isPacked = _layout.IsPacked(type);
        int alignment = _layout.AlignmentOf(type.Id);
        long bit = 0;
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            if (_layout.Place(member, bit, isPacked) != member.BitOffset)
            {
                foreach (string padding in Padding(bit, member.BitOffset))
                {
                    yield return padding;
                }
            }

            yield return Member(member, indent);
            bit = member.BitOffset + (member.BitfieldSize != 0 ? member.BitfieldSize : _types.SizeOf(member.TypeId) * 8);
        }

        long end = type.Size * 8L;
        if (CLayout.RoundUp(bit, isPacked ? 8 : alignment * 8L) != end)
        {
            foreach (string padding in Padding(bit, end))
            {
                yield return padding;
            }
        }
    }

    private IEnumerable<string> UnionMembers(BtfType type, int indent)
    {
        long size = 0;
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            size = Math.Max(size, member.BitfieldSize != 0 ? (member.BitfieldSize + 7) / 8 : _types.SizeOf(member.TypeId));
            yield return Member(member, indent);
        }

        if (CLayout.RoundUp(size, _layout.AlignmentOf(type.Id)) != type.Size)
        {
            yield return $"unsigned char __size[{type.Size}];";
        }
    }

    private string Member(BtfMember member, int indent)
    {
        string declaration = Declarations.Declare(member.TypeId, member.NameOffset == 0 ? "" : _names.Text(member.NameOffset), indent + 1);
        return member.BitfieldSize == 0 ? declaration + ";" : $"{declaration}: {member.BitfieldSize};";
    }

    // Bit fields without a name, each within one 8-byte unit: they move what follows and align nothing.
    private static IEnumerable<string> Padding(long from, long to)
    {
        if (to - from > MostPadding)
        {
            long begin = CLayout.RoundUp(from, 8);
            yield return $"unsigned char __pad_{begin / 8}[{(to - begin) / 8}];";
            from = begin + ((to - begin) / 8 * 8);
        }

        while (from < to)
        {
            long end = Math.Min(to, (from / LongBits * LongBits) + LongBits);
            yield return $"long: {end - from};";
            from = end;
        }
    }
}
