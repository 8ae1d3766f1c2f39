using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>Parses where a probe's arguments are, as compilers write it.</summary>
internal static class UsdtArguments
{
    /// <summary>The most arguments a probe has (<c>BPF_USDT_MAX_ARG_CNT</c>).</summary>
    internal const int Most = 12;

    private const RegexOptions Options = RegexOptions.CultureInvariant;
    private const string Number = @"(?<value>[-+]?(?:0x[0-9a-fA-F]+|\d+))";

    // -4@-20(%rbp), 8@(%rdi,%rax,8), 4@%eax, -4@$5. A register that counts as no number keeps a symbol from being taken for an offset.
    private static readonly Regex s_x64 = new(
        @"\G\s*(?<size>-?\d+)f?@\s*(?:\$" + Number + @"|" + Number + @"?\(\s*%(?<base>\w+)\s*(?:,\s*%(?<index>\w+)\s*(?:,\s*(?<scale>\d+)\s*)?)?\)|%(?<register>\w+))(?=\s|$)", Options);

    // -4@[sp, 12], 8@[x0], 8@x1, -4@5.
    private static readonly Regex s_arm64 = new(
        @"\G\s*(?<size>-?\d+)f?@\s*(?:" + Number + @"|\[\s*(?<base>[a-z]\w*)\s*(?:,\s*" + Number + @"\s*)?\]|(?<register>[a-z]\w*))(?=\s|$)", Options);

    /// <summary>The arguments, in order.</summary>
    /// <param name="text">All of them, with spaces between.</param>
    /// <param name="architecture">Whose registers they name.</param>
    /// <param name="what">Whose arguments they are, for messages.</param>
    /// <exception cref="BpfException">They are written in a way that is not known.</exception>
    internal static IReadOnlyList<UsdtArgument> Parse(string text, UsdtArchitecture architecture, string what)
    {
        Regex form = architecture == UsdtArchitecture.X64 ? s_x64 : s_arm64;
        var arguments = new List<UsdtArgument>();
        int at = 0;
        while (text.Substring(at).Trim().Length > 0)
        {
            Match match = form.Match(text, at);
            if (!match.Success)
            {
                throw new BpfException($"argument {arguments.Count} of {what} (\"{text.Substring(at).Trim()}\") is in a place this version cannot read", what, null);
            }

            if (arguments.Count == Most)
            {
                throw new BpfException($"{what} has more than {Most} arguments: {text}", what, null);
            }

            arguments.Add(Make(match, architecture, text, what));
            at = match.Index + match.Length;
        }

        return arguments;
    }

    private static UsdtArgument Make(Match match, UsdtArchitecture architecture, string text, string what)
    {
        int size = int.TryParse(match.Groups["size"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int stated) ? stated : 0;
        if (Math.Abs((long)size) is not (1 or 2 or 4 or 8))
        {
            throw new BpfException($"{what} has an argument of {size} bytes (\"{text}\"); 1, 2, 4 and 8 can be read", what, null);
        }

        long value = match.Groups["value"].Success ? ParseNumber(match.Groups["value"].Value, what) : 0;
        (UsdtArgumentKind kind, string? register) = match.Groups["index"].Success ? (UsdtArgumentKind.IndexedMemory, match.Groups["base"].Value)
            : match.Groups["base"].Success ? (UsdtArgumentKind.Memory, match.Groups["base"].Value)
            : match.Groups["register"].Success ? (UsdtArgumentKind.Register, match.Groups["register"].Value)
            : (UsdtArgumentKind.Constant, (string?)null);
        return new UsdtArgument(
            kind,
            value,
            register is null ? 0 : Register(register, architecture, what),
            match.Groups["index"].Success ? Register(match.Groups["index"].Value, architecture, what) : 0,
            match.Groups["scale"].Success ? Shift(match.Groups["scale"].Value, what) : 0,
            Math.Abs(size),
            size < 0);
    }

    private static int Register(string name, UsdtArchitecture architecture, string what)
        => UsdtRegisters.Find(architecture, name)
            ?? throw new BpfException($"{what} has an argument in register {name}, which a program cannot read", what, null);

    private static int Shift(string scale, string what) => scale switch
    {
        "1" => 0,
        "2" => 1,
        "4" => 2,
        "8" => 3,
        _ => throw new BpfException($"{what} has an argument whose index is scaled by {scale}; 1, 2, 4 and 8 are possible", what, null),
    };

    private static long ParseNumber(string text, string what)
    {
        bool negative = text[0] == '-';
        string digits = text.TrimStart('-', '+');
        bool hexadecimal = digits.StartsWith("0x", StringComparison.Ordinal);
        return ulong.TryParse(
            hexadecimal ? digits.Substring(2) : digits, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? unchecked(negative ? -(long)value : (long)value)
            : throw new BpfException($"{what} has an argument with the number {text}, which is longer than 64 bits", what, null);
    }
}
