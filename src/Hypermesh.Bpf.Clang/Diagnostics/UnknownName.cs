using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Explains what to do about unknown names that are the kernel's or libbpf's.</summary>
internal static class UnknownName
{
    private const string Helpers = "#include <bpf/bpf_helpers.h>";

    private static readonly Regex s_function = new("^(call to undeclared function|use of undeclared identifier|implicit declaration of function) '(?<name>\\w+)'", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_struct = new("(incomplete definition of type|has incomplete type|of incomplete type) '(struct|union) ", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_type = new("^(unknown type name|use of undeclared identifier) '(?<name>[us](8|16|32|64)|bool)'", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Returns the text, with a remedy when it is about such a name.</summary>
    public static string Explain(string text)
    {
        // Newer clangs call an unknown type within a function an identifier.
        string? remedy = s_type.Match(text) is { Success: true } type ? OfType(type.Groups["name"].Value)
            : CLibrary.OfFunction(text) is { } library ? library
            : s_function.Match(text) is { Success: true } function ? OfFunction(function.Groups["name"].Value)
            : s_struct.IsMatch(text) ? $"a struct of the kernel comes with {MissingHeader.Vmlinux} and #include \"vmlinux.h\" in place of the <linux/…> headers, or is declared here with the fields that are read and __attribute__((preserve_access_index))"
            : null;
        return remedy is null || text.Contains("; did you mean") ? text : KnownSentence.WithRemedy(text, remedy);
    }

    private static string? OfFunction(string name)
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

    private static string OfType(string name)
        => name == "bool"
            ? "write _Bool, or take the kernel's types from vmlinux.h (" + MissingHeader.Vmlinux + ")"
            : $"write __{name} of <linux/types.h>, or take the kernel's types from vmlinux.h ({MissingHeader.Vmlinux})";
}
