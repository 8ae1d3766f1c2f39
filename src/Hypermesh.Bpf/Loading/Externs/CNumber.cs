using System.Globalization;

namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>A number as C's <c>strtoull</c> reads it with base 0: 10, -10, 0x10, 010; a negative one is its two's complement.</summary>
internal static class CNumber
{
    /// <summary>The number; null where the text is none, or one of more than 64 bits.</summary>
    internal static ulong? TryParse(string text)
    {
        ReadOnlySpan<char> digits = text.AsSpan().TrimStart();
        bool negative = digits.StartsWith("-", StringComparison.Ordinal);
        if (negative || digits.StartsWith("+", StringComparison.Ordinal))
        {
            digits = digits[1..];
        }

        ulong? value = digits switch
        {
            ['0', 'x' or 'X', ..] => ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex) ? hex : null,
            ['0', _, ..] => Octal(digits),
            _ => ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong plain) ? plain : null,
        };
        return negative && value is { } magnitude ? unchecked(0 - magnitude) : value;
    }

    private static ulong? Octal(ReadOnlySpan<char> digits)
    {
        ulong value = 0;
        foreach (char digit in digits)
        {
            if (digit is < '0' or > '7' || value >> 61 != 0)
            {
                return null;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }
}
