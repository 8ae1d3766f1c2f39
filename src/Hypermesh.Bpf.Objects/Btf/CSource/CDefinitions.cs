namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>Writes the bodies of structs, unions and enums.</summary>
internal sealed class CDefinitions
{
    private const int LongBits = 64;

    // Padding above this limit is an array, not one bitfield per line.
    private const int MostPadding = 16 * LongBits;

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

    /// <summary>Returns a struct or union with its members.</summary>
    public string Composite(BtfType type, int indent, bool isTagged = true)
    {
        string keyword = type.Kind == BtfKind.Union ? "union" : "struct";
        string head = isTagged && type.NameOffset != 0 ? _names.Tag(type) : keyword;
        string foot = _layout.IsPacked(type) ? "} __attribute__((packed))" : "}";
        return _text.Block(head, type.Kind == BtfKind.Union ? UnionMembers(type, indent) : StructMembers(type, indent), foot, indent);
    }

    /// <summary>Returns an enum with its constants.</summary>
    public string Enum(BtfType type, int indent)
    {
        string head = type.NameOffset == 0 ? "enum" : _names.Tag(type);
        CEnum form = CEnum.Of(_types, type);
        return _text.Block(head + form.Underlying, Constants(type, form), "}" + form.Attribute, indent);
    }

    /// <summary>Returns an unnamed enum at its first use. Its constants can be declared only once, so later uses get the integer of the same size.</summary>
    public string AnonymousEnum(BtfType type, int indent)
        => _writtenEnums.Add(type.Id) ? Enum(type, indent) : CNumbers.Integer(type.Size, type.KindFlag);

    private IEnumerable<string> Constants(BtfType type, CEnum form)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfEnumValue constant = type.EnumValue(i);
            yield return $"{_names.Ordinary(constant.NameOffset)} = {form.Number(constant.Value)},";
        }
    }

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

            foreach (string line in Lines(member, indent))
            {
                yield return line;
            }

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
            foreach (string line in Lines(member, indent))
            {
                yield return line;
            }
        }

        if (CLayout.RoundUp(size, _layout.AlignmentOf(type.Id)) != type.Size)
        {
            // An unnamed struct of unnamed bitfields adds size, but no member and no alignment.
            yield return _text.Block("struct", Padding(0, type.Size * 8L), "};", indent + 1);
        }
    }

    // A member whose name is a keyword in C23 gets another name in C23.
    private IEnumerable<string> Lines(BtfMember member, int indent)
    {
        string name = member.NameOffset == 0 ? "" : _names.Text(member.NameOffset);
        if (!CNames.IsWordOfC23(name))
        {
            yield return Member(member, name, indent);
            yield break;
        }

        yield return CNames.BeforeC23;
        yield return Member(member, name, indent);
        yield return "#else";
        yield return Member(member, _names.AnyText(member.NameOffset), indent);
        yield return "#endif";
    }

    private string Member(BtfMember member, string name, int indent)
    {
        if (member.BitfieldSize != 0)
        {
            return $"{Declarations.Declare(member.TypeId, name, indent + 1)}: {member.BitfieldSize};";
        }

        if (name.Length > 0)
        {
            return Declarations.Declare(member.TypeId, name, indent + 1) + ";";
        }

        BtfType type = _types[_types.SkipModifiers(member.TypeId)];
        return (!type.IsComposite ? Declarations.Declare(member.TypeId, _names.Filler(), indent + 1)
            : type.NameOffset != 0 || IsTypedef(member.TypeId) ? Declarations.DeclareUnnamed(type, indent + 1)
            : Declarations.Declare(member.TypeId, "", indent + 1)) + ";";
    }

    private bool IsTypedef(int id)
    {
        BtfType type = _types[id];
        while (type.IsModifier && type.Kind != BtfKind.Typedef)
        {
            type = _types[type.TypeId];
        }

        return type.Kind == BtfKind.Typedef;
    }

    // Unnamed bitfields, each within one 8-byte unit: they move the next member and do not affect alignment.
    private IEnumerable<string> Padding(long from, long to)
    {
        if (to - from > MostPadding)
        {
            long begin = CLayout.RoundUp(from, 8);
            yield return $"unsigned char {_names.Filler()}[{(to - begin) / 8}];";
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
