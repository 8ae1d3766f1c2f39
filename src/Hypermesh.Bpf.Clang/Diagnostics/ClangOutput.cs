using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Reads clang's output. One table maps each kind of line to a code.</summary>
internal static class ClangOutput
{
    private static readonly Regex s_line = new(
        @"^(?:(?<file>.+?):(?<line>\d+):(?<column>\d+): |(?:.*clang[^:]*: )?)(?<kind>fatal error|error|warning|remark|note): (?<text>.+)$",
        RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    private static readonly (string Word, bool HasPlace, ClangDiagnosticKind Kind, string? Code)[] s_table =
    [
        ("error", true, ClangDiagnosticKind.Error, ClangCodes.Error),
        ("warning", true, ClangDiagnosticKind.Warning, ClangCodes.Warning),
        ("fatal error", true, ClangDiagnosticKind.Error, ClangCodes.FatalError),
        ("error", false, ClangDiagnosticKind.Error, ClangCodes.Usage),
        ("fatal error", false, ClangDiagnosticKind.Error, ClangCodes.Usage),
        ("warning", false, ClangDiagnosticKind.Warning, ClangCodes.Usage),
        ("note", true, ClangDiagnosticKind.Note, null),
        ("note", false, ClangDiagnosticKind.Note, null),
        ("remark", true, ClangDiagnosticKind.Note, null),
        ("remark", false, ClangDiagnosticKind.Note, null),
    ];

    private static readonly Regex s_include = new(@"^In file included from (?<file>.+):(?<line>\d+):$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Returns the diagnostics in their order, each once, because the code generator repeats some.</summary>
    public static IReadOnlyList<ClangDiagnostic> Read(string output) => [.. ReadAll(output).Distinct()];

    // The lines of #include come before the first diagnostic of a file, and apply to those that follow in the same file.
    private static IEnumerable<ClangDiagnostic> ReadAll(string output)
    {
        List<(string File, int Line)> includes = [];
        string? file = null;
        bool isComplete = true;
        foreach (string line in output.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (s_include.Match(line) is { Success: true } include)
            {
                includes = isComplete ? [] : includes;
                includes.Add((include.Groups["file"].Value, Number(include, "line")));
                isComplete = false;
                file = null;
            }
            else if (ReadLine(line) is { } diagnostic)
            {
                includes = isComplete && diagnostic.File != file ? [] : includes;
                file = diagnostic.File;
                isComplete = true;
                yield return diagnostic with { IncludedFrom = includes };
            }
        }
    }

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

/// <summary>One diagnostic of clang, about the C or about clang itself.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Code">Its code; null for a note.</param>
/// <param name="File">The file, as clang named it; null for a diagnostic without a place.</param>
/// <param name="Line">The line from 1, or 0.</param>
/// <param name="Column">The column from 1, or 0.</param>
/// <param name="Text">Its text.</param>
internal sealed record ClangDiagnostic(ClangDiagnosticKind Kind, string? Code, string? File, int Line, int Column, string Text)
{
    /// <summary>The lines that include the file, beginning with that of the C file; empty where the file is the C file.</summary>
    public IReadOnlyList<(string File, int Line)> IncludedFrom { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(ClangDiagnostic? other)
        => other is not null && (Kind, Code, File, Line, Column, Text).Equals((other.Kind, other.Code, other.File, other.Line, other.Column, other.Text));

    /// <inheritdoc/>
    public override int GetHashCode() => (Kind, Code, File, Line, Column, Text).GetHashCode();
}

/// <summary>The severity of a diagnostic of clang.</summary>
internal enum ClangDiagnosticKind
{
    /// <summary>It explains the line before it.</summary>
    Note,

    /// <summary>The object is written.</summary>
    Warning,

    /// <summary>No object is written.</summary>
    Error,
}
