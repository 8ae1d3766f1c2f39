namespace Hypermesh.BpfSdk.Tasks.Diagnostics;

/// <summary>One line of clang's that says something about the C or about itself.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Our code for it; null for a note.</param>
/// <param name="File">The file, as clang named it; null when no place is meant.</param>
/// <param name="Line">The line from 1, or 0.</param>
/// <param name="Column">The column from 1, or 0.</param>
/// <param name="Text">What it says.</param>
internal sealed record ClangDiagnostic(ClangDiagnosticKind Kind, string? Code, string? File, int Line, int Column, string Text);
