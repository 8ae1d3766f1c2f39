using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>Parses the locations of a probe's arguments, in the notation of compilers.</summary>
internal static class UsdtArguments
{
    /// <summary>The maximum number of arguments of a probe (<c>BPF_USDT_MAX_ARG_CNT</c>).</summary>
    internal const int Most = 12;

    private const RegexOptions Options = RegexOptions.CultureInvariant;
    private const string Number = @"(?<value>[-+]?(?:0x[0-9a-fA-F]+|\d+))";

    // Matches -4@-20(%rbp), 8@(%rdi,%rax,8), 4@%eax, -4@$5. Only a number can be an offset, so a symbol does not match.
    private static readonly Regex s_x64 = new(
        @"\G\s*(?<size>-?\d+)f?@\s*(?:\$" + Number + @"|" + Number + @"?\(\s*%(?<base>\w+)\s*(?:,\s*%(?<index>\w+)\s*(?:,\s*(?<scale>\d+)\s*)?)?\)|%(?<register>\w+))(?=\s|$)", Options);

    // Matches -4@[sp, 12], 8@[x0], 8@x1, -4@5.
    private static readonly Regex s_arm64 = new(
        @"\G\s*(?<size>-?\d+)f?@\s*(?:" + Number + @"|\[\s*(?<base>[a-z]\w*)\s*(?:,\s*" + Number + @"\s*)?\]|(?<register>[a-z]\w*))(?=\s|$)", Options);

    /// <summary>Parses all arguments of a probe, in order.</summary>
    /// <param name="text">The arguments, separated by spaces.</param>
    /// <param name="architecture">The architecture of the register names.</param>
    /// <param name="what">The name of the probe, for messages.</param>
    /// <exception cref="BpfException">The notation of an argument is not supported.</exception>
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
                throw new BpfException($"argument {arguments.Count} of {what} (\"{text.Substring(at).Trim()}\") is in a form that this version cannot read", what, null);
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
            throw new BpfException($"{what} has an argument of {size} bytes (\"{text}\"); only 1, 2, 4 and 8 can be read", what, null);
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
        _ => throw new BpfException($"{what} has an argument whose index is scaled by {scale}; only 1, 2, 4 and 8 are supported", what, null),
    };

    private static long ParseNumber(string text, string what)
    {
        bool negative = text[0] == '-';
        string digits = text.TrimStart('-', '+');
        bool hexadecimal = digits.StartsWith("0x", StringComparison.Ordinal);
        return ulong.TryParse(
            hexadecimal ? digits.Substring(2) : digits, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? unchecked(negative ? -(long)value : (long)value)
            : throw new BpfException($"{what} has an argument with the number {text}, which does not fit in 64 bits", what, null);
    }
}

/// <summary>The location of one argument of a static probe.</summary>
/// <param name="Kind">Constant, register or memory.</param>
/// <param name="Value">The constant, or the offset that is added to the register.</param>
/// <param name="Register">The offset of the register in <c>struct pt_regs</c>.</param>
/// <param name="Index">The offset of the second register in <c>struct pt_regs</c>.</param>
/// <param name="ScaleShift">The number of bits by which the second register is shifted left.</param>
/// <param name="Size">Its size in bytes: 1, 2, 4 or 8.</param>
/// <param name="IsSigned">True when it is sign-extended.</param>
internal readonly record struct UsdtArgument(UsdtArgumentKind Kind, long Value, int Register, int Index, int ScaleShift, int Size, bool IsSigned);

/// <summary>The kind of an argument's location; the values are those of libbpf's <c>usdt.bpf.h</c>.</summary>
internal enum UsdtArgumentKind : byte
{
    /// <summary>A constant.</summary>
    Constant = 0,

    /// <summary>In a register.</summary>
    Register = 1,

    /// <summary>In memory, at a register and an offset.</summary>
    Memory = 2,

    /// <summary>In memory, at a register, a scaled second one, and an offset; supported by objects compiled with the header of libbpf 1.7 or newer.</summary>
    IndexedMemory = 3,
}

/// <summary>An architecture whose notation of arguments is supported.</summary>
internal enum UsdtArchitecture
{
    /// <summary>x86-64.</summary>
    X64,

    /// <summary>arm64.</summary>
    Arm64,
}

/// <summary>Finds the offset of a register in <c>struct pt_regs</c> by its name in assembler.</summary>
internal static class UsdtRegisters
{
    private const int WordSize = 8;

    private static readonly Dictionary<string, int> s_x64 = NameX64();
    private static readonly Dictionary<string, int> s_arm64 = NameArm64();

    internal static int? Find(UsdtArchitecture architecture, string name)
        => (architecture == UsdtArchitecture.X64 ? s_x64 : s_arm64).TryGetValue(name, out int offset) ? offset : null;

    private static Dictionary<string, int> NameX64()
    {
        // In the order of struct pt_regs.
        string[][] rows =
        [
            ["r15", "r15d", "r15w", "r15b"], ["r14", "r14d", "r14w", "r14b"], ["r13", "r13d", "r13w", "r13b"], ["r12", "r12d", "r12w", "r12b"],
            ["rbp", "ebp", "bp", "bpl"], ["rbx", "ebx", "bx", "bl"],
            ["r11", "r11d", "r11w", "r11b"], ["r10", "r10d", "r10w", "r10b"], ["r9", "r9d", "r9w", "r9b"], ["r8", "r8d", "r8w", "r8b"],
            ["rax", "eax", "ax", "al"], ["rcx", "ecx", "cx", "cl"], ["rdx", "edx", "dx", "dl"], ["rsi", "esi", "si", "sil"], ["rdi", "edi", "di", "dil"],
            ["orig_rax"], ["rip", "eip"], ["cs"], ["eflags"], ["rsp", "esp", "sp", "spl"],
        ];
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < rows.Length; i++)
        {
            foreach (string name in rows[i])
            {
                names.Add(name, i * WordSize);
            }
        }

        return names;
    }

    private static Dictionary<string, int> NameArm64()
    {
        const int General = 31;
        var names = new Dictionary<string, int>(StringComparer.Ordinal) { ["sp"] = General * WordSize };
        for (int i = 0; i < General; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            names.Add("x" + number, i * WordSize);
            names.Add("w" + number, i * WordSize);
        }

        return names;
    }
}
