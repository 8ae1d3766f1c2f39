namespace Hypermesh.BpfSdk.Tasks.Diagnostics;

/// <summary>How grave a line of clang's is.</summary>
internal enum ClangDiagnosticKind
{
    /// <summary>It explains the line before it.</summary>
    Note,

    /// <summary>The object is made all the same.</summary>
    Warning,

    /// <summary>There is no object.</summary>
    Error,
}
