using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Explains what to do about unknown names that are the kernel's, libbpf's or this package's.</summary>
internal static class UnknownName
{
    private const string Guess = "; did you mean";
    private const string Helpers = "#include <bpf/bpf_helpers.h>";

    private static readonly Regex s_name = Of("^(call to undeclared (library )?function|use of undeclared identifier|implicit declaration of function|unknown type name) '(?<name>\\w+)'");
    private static readonly Regex s_struct = Of("(incomplete definition of type|has incomplete type|of incomplete type|to an incomplete type|pointer to an incomplete type) '(const |volatile )*(struct|union) (?<name>\\w+)");

    // The kernel's constants, macros and types. Its other names are as short as those of a program, so a match may be an accident.
    private static readonly Regex s_ofKernel = Of("[A-Z]|^__|_t$");

    // What clang says where a macro does not exist whose use is not C by itself.
    private static readonly Regex s_syntax = Of("^(type specifier missing|a type specifier is required|a parameter list without types|type name requires a specifier|unexpected type name|unknown type name|expected |use of undeclared identifier|duplicate member|must use 'struct' tag)");

    /// <summary>Returns the text, with a remedy when it is about such a name.</summary>
    /// <param name="text">clang's text.</param>
    /// <param name="headers">The headers that define the names.</param>
    /// <param name="lineOf">Returns the line of C that it is about; empty where that cannot be read.</param>
    public static string Explain(string text, DeclaringHeader headers, Func<string> lineOf)
    {
        string name = s_name.Match(text).Groups["name"].Value;

        // clang guesses among the names it knows. A name that libbpf or the kernel has is certain.
        if (name.Length > 0 && (headers.OfPrograms(name) ?? ForeignName.Remedy(name)) is { } known)
        {
            int guess = text.IndexOf(Guess, StringComparison.Ordinal);
            return KnownSentence.WithRemedy(guess < 0 ? text : text.Substring(0, guess), known);
        }

        if (text.Contains(Guess))
        {
            return text;
        }

        string? remedy = CLibrary.OfFunction(text)
            ?? (s_ofKernel.IsMatch(name) ? headers.OfKernelHeaders(name) : null)
            ?? (s_struct.Match(text) is { Success: true } type ? OfStruct(type.Groups["name"].Value, headers) : null)
            ?? (s_syntax.IsMatch(text) ? headers.OfLine(lineOf()) : null)
            ?? OfHelper(name);
        return remedy is null ? text : KnownSentence.WithRemedy(text, remedy);
    }

    private static string OfStruct(string name, DeclaringHeader headers)
        => headers.OfKernelHeaders(name)
            ?? $"a struct of the kernel comes with {MissingHeader.Vmlinux} and #include \"vmlinux.h\" in place of the <linux/…> headers, or is declared here with the fields that are read and __attribute__((preserve_access_index))";

    private static string? OfHelper(string name)
    {
        if (!name.StartsWith("bpf_", StringComparison.Ordinal))
        {
            return null;
        }

        if (BpfHelpers.NumberOf(name) > 0)
        {
            return $"{Helpers} declares it; if the file has that line, the installed libbpf is older than the helper";
        }

        var near = new NearNames(name);
        for (int number = 1; number < BpfHelpers.Count; number++)
        {
            near.See(BpfHelpers.NameOf(number)!);
        }

        return near.Best.Count > 0 ? $"did you mean {near.Best[0]}?" : null;
    }

    private static Regex Of(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
