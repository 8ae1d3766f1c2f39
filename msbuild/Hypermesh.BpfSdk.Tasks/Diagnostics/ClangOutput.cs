using System.Text.RegularExpressions;

namespace Hypermesh.BpfSdk.Tasks.Diagnostics;

/// <summary>Reads what clang prints. One table says which kind of line gets which code.</summary>
internal static class ClangOutput
{
    private static readonly Regex s_line = new(
        @"^(?:(?<file>.+?):(?<line>\d+):(?<column>\d+): |(?:.*clang[^:]*: )?)(?<kind>fatal error|error|warning|remark|note): (?<text>.+)$",
        RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    private static readonly (string Word, bool HasPlace, ClangDiagnosticKind Kind, string? Code)[] s_table =
    [
        ("error", true, ClangDiagnosticKind.Error, DiagnosticCodes.CompilerError),
        ("warning", true, ClangDiagnosticKind.Warning, DiagnosticCodes.CompilerWarning),
        ("fatal error", true, ClangDiagnosticKind.Error, DiagnosticCodes.CompilerFatalError),
        ("error", false, ClangDiagnosticKind.Error, DiagnosticCodes.CompilerUsage),
        ("fatal error", false, ClangDiagnosticKind.Error, DiagnosticCodes.CompilerUsage),
        ("warning", false, ClangDiagnosticKind.Warning, DiagnosticCodes.CompilerUsage),
        ("note", true, ClangDiagnosticKind.Note, null),
        ("note", false, ClangDiagnosticKind.Note, null),
        ("remark", true, ClangDiagnosticKind.Note, null),
        ("remark", false, ClangDiagnosticKind.Note, null),
    ];

    /// <summary>The diagnostics in their order, each once: the code generator repeats itself.</summary>
    public static IReadOnlyList<ClangDiagnostic> Read(string output)
        => [.. output.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(ReadLine).OfType<ClangDiagnostic>().Distinct()];

    private static ClangDiagnostic? ReadLine(string line)
    {
        Match match = s_line.Match(line);
        if (!match.Success)
        {
            return null;
        }

        bool hasPlace = match.Groups["file"].Success;
        (_, _, ClangDiagnosticKind kind, string? code) = s_table.First(row => row.Word == match.Groups["kind"].Value && row.HasPlace == hasPlace);
        string text = match.Groups["text"].Value.Trim();
        return hasPlace
            ? new ClangDiagnostic(kind, code, match.Groups["file"].Value, Number(match, "line"), Number(match, "column"), text)
            : new ClangDiagnostic(kind, code, null, 0, 0, text);
    }

    private static int Number(Match match, string group) => int.TryParse(match.Groups[group].Value, out int number) ? number : 0;
}
