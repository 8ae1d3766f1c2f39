using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Moves the errors within libbpf's or this package's headers that are caused by types missing before them to the line of the C that includes the header. libbpf's headers include none of the kernel's.</summary>
internal static class MissingTypes
{
    private static readonly Regex s_place = Of("(^|/)(?<header>(bpf|hypermesh)/[\\w.]+\\.h)$");

    private static readonly (Regex Sentence, string Header)[] s_rows =
    [
        (Of("^(unknown type name|use of undeclared identifier) 'bool'"), "stdbool.h"),
        (Of("'struct (user_)?pt_regs'"), "linux/ptrace.h"),
        (Of("^(unknown type name|use of undeclared identifier) '(__[us]\\d+|__be\\d+|__wsum)'|^use of undeclared identifier 'BPF_"), "linux/bpf.h"),
    ];

    /// <summary>Returns the diagnostic at the line of the C, where it is about such a type.</summary>
    public static ClangDiagnostic AtInclude(ClangDiagnostic diagnostic)
    {
        if (diagnostic.Kind != ClangDiagnosticKind.Error || diagnostic.IncludedFrom.Count == 0 || !s_place.IsMatch(diagnostic.File!)
            || Array.Find(s_rows, row => row.Sentence.IsMatch(diagnostic.Text)).Header is not { } wanted)
        {
            return diagnostic;
        }

        // The header that the user's C names: bpf_helpers.h, not the one that it includes.
        int own = diagnostic.IncludedFrom.TakeWhile(static from => !s_place.IsMatch(from.File)).Count() - 1;
        string header = s_place.Match(own + 1 < diagnostic.IncludedFrom.Count ? diagnostic.IncludedFrom[own + 1].File : diagnostic.File!).Groups["header"].Value;
        (string file, int line) = diagnostic.IncludedFrom[own];
        return diagnostic with { File = file, Line = line, Column = 1, Text = $"<{header}> uses types that are declared before it: write #include <{wanted}>, or #include \"vmlinux.h\" ({MissingHeader.Vmlinux}), above this line" };
    }

    private static Regex Of(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
