namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>Where something is declared in C, and what its comment says.</summary>
/// <param name="Path">The file, from the folder of the generated code.</param>
/// <param name="Header">The file from the project's folder, when it is a header; else empty.</param>
/// <param name="Line">The line of its name.</param>
/// <param name="Comment">The comment's text; empty without one.</param>
internal sealed record SourceNote(string Path, string Header, int Line, string Comment);
