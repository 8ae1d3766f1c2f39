namespace Hypermesh.BpfSdk.Tasks.Diagnostics;

/// <summary>One line of clang's that says something about the C or about itself.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Our code for it; null for a note.</param>
/// <param name="File">The file, as clang named it; null when no place is meant.</param>
/// <param name="Line">The line from 1, or 0.</param>
/// <param name="Column">The column from 1, or 0.</param>
/// <param name="Text">What it says.</param>
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
