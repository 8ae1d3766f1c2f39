using System.Globalization;

namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>
/// Writes an enum so that it has the size and sign of its BTF. C derives both from the constants. Where the result would differ, the underlying type is
/// written (<c>enum e : unsigned char</c>), which clang accepts in every version of C.
/// </summary>
internal readonly struct CEnum
{
    // For constants that do not fit the underlying type: clang accepts them in an enum with a mode.
    private static readonly Dictionary<uint, string> s_modes = new() { [1] = "QI", [2] = "HI", [4] = "SI", [8] = "DI" };

    private readonly bool _isWide;
    private readonly bool _isSigned;

    private CEnum(string underlying, string attribute, bool isWide, bool isSigned)
    {
        Underlying = underlying;
        Attribute = attribute;
        _isWide = isWide;
        _isSigned = isSigned;
    }

    /// <summary>The text after the tag: the underlying type, or nothing.</summary>
    public string Underlying { get; }

    /// <summary>The text after the constants: an attribute, or nothing.</summary>
    public string Attribute { get; }

    /// <exception cref="BpfObjectFormatException">The enum has a size other than 1, 2, 4 or 8.</exception>
    public static CEnum Of(BtfTypes types, BtfType type)
    {
        if (!s_modes.TryGetValue(type.Size, out string? mode))
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", type.Offset, $"enum {type.Id} ({type.Name}) has {type.Size} bytes; an enum must have 1, 2, 4 or 8");
        }

        // Before the kind flag marked signed enums (6.0), -1 in an enum of one byte was stored as 4294967295.
        bool isWide = type.Kind == BtfKind.Enum64;
        bool isSigned = type.KindFlag || (!isWide && type.Size < sizeof(uint) && !Fit(type, type.Size, false) && Fit(type, type.Size, true));
        bool hasNegative = isSigned && !Fit(type, sizeof(ulong), false);
        uint natural = Fit(type, sizeof(uint), hasNegative) ? sizeof(uint) : (uint)sizeof(ulong);
        bool isNatural = natural == type.Size && hasNegative == isSigned;
        bool fits = Fit(type, type.Size, isSigned);
        return new CEnum(
            !isNatural && fits ? " : " + CNumbers.Integer(type.Size, isSigned) : "",
            !isNatural && !fits ? $" __attribute__((mode({mode})))" : "",
            isWide,
            isSigned);
    }

    /// <summary>Returns a constant's value in C.</summary>
    public string Number(ulong value)
        => !_isSigned ? value.ToString(CultureInfo.InvariantCulture) + (_isWide ? "ULL" : "")
            : !_isWide ? ((int)value).ToString(CultureInfo.InvariantCulture)
            : value == 1UL << 63 ? "(-9223372036854775807LL - 1)"
            : ((long)value).ToString(CultureInfo.InvariantCulture) + "LL";

    // True when all constants fit an integer of the given size.
    private static bool Fit(BtfType type, uint bytes, bool isSigned)
    {
        int unused = 64 - ((int)bytes * 8);
        for (int i = 0; i < type.Length; i++)
        {
            ulong value = type.EnumValue(i).Value;
            long signed = type.Kind == BtfKind.Enum ? (int)value : (long)value;
            bool fits = isSigned ? signed << unused >> unused == signed : !(type.KindFlag && signed < 0) && value << unused >> unused == value;
            if (!fits)
            {
                return false;
            }
        }

        return true;
    }
}
