using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>
/// Explains what to do where clang needs a call of memcpy, memmove or memset, which BPF does not have: the length is not a constant, or it is too large for single stores.
/// clang creates such calls for __builtin_memcpy, for assignments and initializers, and also for loops over bytes.
/// </summary>
internal static class MemoryCall
{
    private const string Barrier = "in a loop with a constant bound and barrier(); of <bpf/bpf_helpers.h> in its body, without which clang replaces the loop by a call";
    private const string Copied = "call bpf_probe_read_kernel(to, length, from), copy a constant number of bytes, or copy " + Barrier;
    private const string Set = "set a constant number of bytes, or set them " + Barrier;
    private const string Length = "the length is not a constant";
    private const string Large = "this is more memory than clang copies or sets with single stores, which is 1024 bytes where it is aligned to 8 bytes, and 128 bytes of a char array";
    private const string Parts = "do it in parts of that size";
    private const string Stack = "a variable of this size does not fit on the stack of 512 bytes either: keep it in a map or a global variable, which begin as zeros";

    private static readonly Regex s_sentence = Of("^A call to built-in function '(?<name>memset|memcpy|memmove)' is not supported");
    private static readonly Regex s_call = Of("^(__builtin_)?mem(set|cpy|move)\\s*\\((?<arguments>.*)");
    private static readonly Regex s_size = Of("\\bsizeof\\b\\s*(\\([^()]*\\)|\\w+)");
    private static readonly Regex s_variable = Of("\\b[A-Za-z_]\\w*[a-z]\\w*|\\b[a-z]\\w*");

    /// <summary>Returns the remedy; null for another sentence.</summary>
    /// <param name="text">clang's text.</param>
    /// <param name="lineOf">Returns the line of C that it is about; empty where that cannot be read.</param>
    /// <param name="column">The column there, from 1.</param>
    public static string? Remedy(string text, Func<string> lineOf, int column)
    {
        Match sentence = s_sentence.Match(text);
        if (!sentence.Success)
        {
            return null;
        }

        string loop = sentence.Groups["name"].Value == "memset" ? Set : Copied;
        return HasConstantLength(lineOf(), column) switch
        {
            true => $"{Large}: {Parts}; {Stack}",
            false => $"{Length}: {loop}",
            null => $"either {Length}: {loop}. Or {Large}: {Parts}; {Stack}",
        };
    }

    // Null where the line is not a call that can be read: a macro, an assignment, a loop.
    private static bool? HasConstantLength(string line, int column)
    {
        Match call = s_call.Match(column > 0 && column <= line.Length ? line.Substring(column - 1) : "");
        return call.Success && LastArgument(call.Groups["arguments"].Value) is { } length ? !s_variable.IsMatch(s_size.Replace(length, "1")) : null;
    }

    // Null where the call continues in the next line.
    private static string? LastArgument(string arguments)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case ')' when depth == 0:
                    return arguments.Substring(start, i - start);
                case ')' or ']':
                    depth--;
                    break;
                case '(' or '[':
                    depth++;
                    break;
                case ',' when depth == 0:
                    start = i + 1;
                    break;
            }
        }

        return null;
    }

    private static Regex Of(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
