namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>
/// Gives types their names in the C. A kernel is built from many C files, and two of them may define different types of one name. The second gets the suffix
/// <c>___2</c>, which CO-RE ignores as a flavour.
/// </summary>
internal sealed class CNames(BtfTypes types)
{
    // The kernel's longest name (KSYM_NAME_LEN).
    private const int Longest = 512;

    /// <summary>The compiler's own type, whose size on the eBPF target differs from that on the kernel's machine.</summary>
    public const string BuiltinList = "__builtin_va_list";

    /// <summary>The line that begins code which C23 rejects; in clang up to 17, C23 has the version 202000.</summary>
    public const string BeforeC23 = "#if __STDC_VERSION__ < 202000L";

    // Keywords, and the names that the header itself defines.
    private static readonly HashSet<string> s_reserved = new(
        ("auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct "
            + "switch typedef union unsigned void volatile while asm typeof _Alignas _Alignof _Atomic _BitInt _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert "
            + "_Thread_local _Float16 __alignof __alignof__ __asm __asm__ __attribute __attribute__ __auto_type __bf16 __complex __complex__ __const __const__ __extension__ "
            + "__float128 __func__ __FUNCTION__ __imag __imag__ __inline __inline__ __int128 __int128_t __label__ __nullptr __PRETTY_FUNCTION__ __real __real__ __restrict "
            + "__restrict__ __signed __signed__ __thread __typeof __typeof__ __uint128_t __volatile __volatile__ __ksym __weak __bpf_fastcall").Split(' '),
        StringComparer.Ordinal);

    // Ordinary names before C23, keywords in C23.
    private static readonly HashSet<string> s_wordsOfC23 = new(StringComparer.Ordinal)
    {
        "alignas", "alignof", "bool", "constexpr", "false", "nullptr", "static_assert", "thread_local", "true", "typeof_unqual",
    };

    private readonly Dictionary<int, string> _known = [];

    // The number at which the search for a free name begins. Without it, each of a thousand types of one name would try a thousand names.
    private readonly Dictionary<(string Name, string Space), int> _from = [];
    private readonly Dictionary<string, (string Keyword, bool IsDefined)> _tags = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ordinary = new(StringComparer.Ordinal) { BuiltinList };
    private string? _filler;
    private int _fillers;

    /// <summary>Returns the keyword and name of a struct, union, enum or forward declaration.</summary>
    public string Tag(BtfType type)
    {
        if (_known.TryGetValue(type.Id, out string? known))
        {
            return known;
        }

        bool isUnion = type.Kind == BtfKind.Union || (type.Kind == BtfKind.Forward && type.KindFlag);
        string keyword = type.IsEnum ? "enum" : isUnion ? "union" : "struct";
        bool isDefinition = type.Kind != BtfKind.Forward;
        string name = Free(AnyText(type.NameOffset), isDefinition ? keyword : keyword + ";", candidate => !_tags.TryGetValue(candidate, out (string Keyword, bool IsDefined) other)
            || (other.Keyword == keyword && !(other.IsDefined && isDefinition)));
        _tags[name] = (keyword, isDefinition || (_tags.TryGetValue(name, out (string Keyword, bool IsDefined) before) && before.IsDefined));
        return _known[type.Id] = $"{keyword} {name}";
    }

    /// <summary>Returns the name of a typedef.</summary>
    public string Typedef(BtfType type)
        => _known.TryGetValue(type.Id, out string? known) ? known : _known[type.Id] = Ordinary(type.NameOffset);

    /// <summary>Returns a unique name for a constant or typedef.</summary>
    public string Ordinary(uint nameOffset)
    {
        string name = Free(Text(nameOffset), "", candidate => !_ordinary.Contains(candidate));
        _ordinary.Add(name);
        return name;
    }

    /// <summary>Reserves a name that cannot be changed; returns false when it is in use.</summary>
    public bool TakeOrdinary(string name) => _ordinary.Add(name);

    /// <summary>Returns a name that every version of C accepts.</summary>
    public string AnyText(uint nameOffset) => Text(nameOffset) is var name && IsWordOfC23(name) ? name + "_" : name;

    /// <summary>Returns true for a name that is a keyword only since C23.</summary>
    public static bool IsWordOfC23(string name) => s_wordsOfC23.Contains(name);

    /// <summary>Returns a name that no member has, for bytes that do not belong to a member.</summary>
    public string Filler()
    {
        _filler ??= FillerWord();
        return $"__{_filler}_{++_fillers}";
    }

    /// <summary>Returns a valid C name: a character that C does not allow (Rust names have some) becomes an underscore, and a keyword gets one at its end.</summary>
    public string Text(uint nameOffset)
    {
        ReadOnlySpan<byte> bytes = types.GetStringBytes(nameOffset);
        if (bytes.Length > Longest)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"a name has {bytes.Length} bytes; names in a kernel's BTF have at most {Longest}");
        }

        string name = FormatReader.Utf8(bytes);
        if (name.Length > 0 && name.All(IsNameLetter) && !char.IsDigit(name[0]))
        {
            return s_reserved.Contains(name) ? name + "_" : name;
        }

        return Legal(name);
    }

    private static string Legal(string name)
    {
        string legal = new([.. name.Select(static letter => IsNameLetter(letter) ? letter : '_')]);
        return name.Length > 0 && char.IsDigit(name[0]) ? "_" + legal : legal;
    }

    /// <summary>Returns true for a character that a C name may contain.</summary>
    public static bool IsNameLetter(char letter) => letter is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_';

    private string Free(string name, string space, Func<string, bool> isFree)
    {
        int number = _from.TryGetValue((name, space), out int known) ? known : 1;
        string candidate = Numbered(name, number);
        while (!isFree(candidate))
        {
            candidate = Numbered(name, ++number);
        }

        _from[(name, space)] = number;
        return candidate;
    }

    private static string Numbered(string name, int number) => number == 1 ? name : $"{name}___{number}";

    // A word that the strings do not contain, so no member's name contains it. Names longer than Longest are rejected, so the last word is free.
    private string FillerWord()
    {
        for (int length = 0; length <= Longest; length++)
        {
            string word = "filler" + new string('x', length);
            byte[] bytes = System.Text.Encoding.ASCII.GetBytes(word);
            BtfTypes? holder = types;
            while (holder is not null && holder.Strings.Span.IndexOf(bytes) < 0)
            {
                holder = holder.Base;
            }

            if (holder is null)
            {
                return word;
            }
        }

        return "filler" + new string('x', Longest);
    }
}
