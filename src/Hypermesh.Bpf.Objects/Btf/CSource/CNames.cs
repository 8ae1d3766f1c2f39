namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>
/// The names types have in the C. A kernel is many C files: what two of them call alike gets <c>___2</c> behind it, which CO-RE takes for a
/// flavour and ignores.
/// </summary>
internal sealed class CNames(BtfTypes types)
{
    // The kernel's longest name (KSYM_NAME_LEN).
    private const int Longest = 512;

    /// <summary>The compiler has one of its own, of another size on the eBPF target than on the kernel's machine.</summary>
    public const string BuiltinList = "__builtin_va_list";

    private readonly Dictionary<int, string> _known = [];
    private readonly Dictionary<string, (string Keyword, bool IsDefined)> _tags = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ordinary = new(StringComparer.Ordinal) { BuiltinList };

    /// <summary>The keyword and name of a struct, union, enum or forward declaration.</summary>
    public string Tag(BtfType type)
    {
        if (_known.TryGetValue(type.Id, out string? known))
        {
            return known;
        }

        bool isUnion = type.Kind == BtfKind.Union || (type.Kind == BtfKind.Forward && type.KindFlag);
        string keyword = type.IsEnum ? "enum" : isUnion ? "union" : "struct";
        bool isDefinition = type.Kind != BtfKind.Forward;
        string name = Free(Text(type.NameOffset), candidate => !_tags.TryGetValue(candidate, out (string Keyword, bool IsDefined) other)
            || (other.Keyword == keyword && !(other.IsDefined && isDefinition)));
        _tags[name] = (keyword, isDefinition || (_tags.TryGetValue(name, out (string Keyword, bool IsDefined) before) && before.IsDefined));
        return _known[type.Id] = $"{keyword} {name}";
    }

    /// <summary>The name of a typedef.</summary>
    public string Typedef(BtfType type)
        => _known.TryGetValue(type.Id, out string? known) ? known : _known[type.Id] = Ordinary(type.NameOffset);

    /// <summary>A name of its own for a constant.</summary>
    public string Ordinary(uint nameOffset)
    {
        string name = Free(Text(nameOffset), candidate => !_ordinary.Contains(candidate));
        _ordinary.Add(name);
        return name;
    }

    /// <summary>Takes a name that cannot be altered: false where it is taken.</summary>
    public bool TakeOrdinary(string name) => _ordinary.Add(name);

    /// <summary>A name as C takes it: what is no letter, digit or underscore (Rust has such names) becomes an underscore.</summary>
    public string Text(uint nameOffset)
    {
        ReadOnlySpan<byte> bytes = types.GetStringBytes(nameOffset);
        if (bytes.Length > Longest)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"a name of {bytes.Length} bytes; the kernel's have at most {Longest}");
        }

        string name = FormatReader.Utf8(bytes);
        if (name.Length > 0 && name.All(IsNameLetter) && !char.IsDigit(name[0]))
        {
            return name;
        }

        string legal = new([.. name.Select(static letter => IsNameLetter(letter) ? letter : '_')]);
        return name.Length > 0 && char.IsDigit(name[0]) ? "_" + legal : legal;
    }

    private static bool IsNameLetter(char letter) => letter is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_';

    private static string Free(string name, Func<string, bool> isFree)
    {
        string candidate = name;
        for (int number = 2; !isFree(candidate); number++)
        {
            candidate = $"{name}___{number}";
        }

        return candidate;
    }
}
