using System.Globalization;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation.Hooks;

/// <summary>Reads the fields of a classic tracepoint's record from its file <c>format</c>.</summary>
internal static partial class TracepointRecord
{
    private const string CommonPrefix = "common_";

    // Their pointers are arguments of system calls.
    private const string SystemCalls = "syscalls";

    private static readonly Dictionary<string, ArgumentForm> s_located = new(StringComparer.Ordinal)
    {
        ["__data_loc"] = ArgumentForm.TextInRecord,
        ["__rel_loc"] = ArgumentForm.TextBehind,
    };

    /// <summary>Reads the fields, without those that all tracepoints have.</summary>
    internal static IReadOnlyList<HookArgument> Read(string format, string category, BtfTypes types)
    {
        var fields = new List<HookArgument>();
        foreach (Match line in Field().Matches(format))
        {
            string declaration = line.Groups["declaration"].Value.Trim();
            int offset = int.Parse(line.Groups["offset"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            int size = int.Parse(line.Groups["size"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            if (Declaration().Match(declaration) is { Success: true } parts && !parts.Groups["name"].Value.StartsWith(CommonPrefix, StringComparison.Ordinal)
                && ToArgument(parts, offset, size, line.Groups["signed"].Value == "1", category, types) is { } field)
            {
                fields.Add(field);
            }
        }

        return fields;
    }

    // Null for arrays of numbers, which have no value of their own.
    private static HookArgument? ToArgument(Match parts, int offset, int size, bool isSigned, string category, BtfTypes types)
    {
        string type = parts.Groups["type"].Value.Trim(), name = parts.Groups["name"].Value;
        bool isArray = parts.Groups["array"].Success || type.EndsWith("[]", StringComparison.Ordinal);
        string first = type.Split(' ')[0];
        if (s_located.TryGetValue(first, out ArgumentForm located))
        {
            return IsChar(type[first.Length..].Replace("[]", "", StringComparison.Ordinal)) ? new(name, type, offset, size, located, false) : null;
        }

        if (isArray)
        {
            return IsChar(type) ? new(name, $"{type}[{size}]", offset, size, ArgumentForm.Text, false) : null;
        }

        if (size is not (1 or 2 or 4 or 8))
        {
            return null;
        }

        bool isPointer = type.EndsWith('*');
        if (category == SystemCalls && !isPointer && Declared(type, types) is { } declared && declared.Size < size && BitConverter.IsLittleEndian)
        {
            // An argument of a system call has a whole word, of which an int is the lower half; "signed" is that of the word.
            (size, isSigned) = declared;
        }

        return new(name, type, offset, size, ArgumentForm.Value, isSigned && !isPointer)
        {
            IsPointer = isPointer,
            Pointee = isPointer ? Pointee(type, types) : 0,
            Access = category == SystemCalls ? PointerAccess.User : PointerAccess.Kernel,
        };
    }

    private static bool IsChar(string type) => type.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["char"] or ["const", "char"];

    private static (int Size, bool IsSigned)? Declared(string type, BtfTypes types)
    {
        int id = types.Find(type, BtfKind.Int) is > 0 and int number ? number : types.Find(type, BtfKind.Typedef);
        return id > 0 && types[types.SkipModifiers(id)] is { Kind: BtfKind.Int } known ? ((int)known.Size, known.IntEncoding.HasFlag(BtfIntEncoding.Signed)) : null;
    }

    private static int Pointee(string type, BtfTypes types)
    {
        string[] words = [.. type[..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(static word => word is not ("const" or "volatile"))];
        return words switch
        {
            ["struct", { } name] => types.Find(name, BtfKind.Struct),
            ["union", { } name] => types.Find(name, BtfKind.Union),
            ["char"] => types.Find("char", BtfKind.Int),
            _ => 0,
        };
    }

    // "	field:pid_t pid;	offset:24;	size:4;	signed:1;"
    [GeneratedRegex(@"field:(?<declaration>[^;\n]+);\s*offset:(?<offset>\d{1,6});\s*size:(?<size>\d{1,6});(?:\s*signed:(?<signed>[01]);)?")]
    private static partial Regex Field();

    [GeneratedRegex(@"^(?<type>.*[\s*\]])(?<name>\w+)(?<array>\[[^\]]*\])?$")]
    private static partial Regex Declaration();
}
