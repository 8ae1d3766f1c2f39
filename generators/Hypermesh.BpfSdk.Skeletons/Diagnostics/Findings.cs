using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Diagnostics;

/// <summary>Collects the diagnostics of one C file.</summary>
/// <param name="source">The file.</param>
/// <param name="placeOf">Finds the place of a declaration by its C name; it may be in a header.</param>
internal sealed class Findings(string source, Func<string, SourcePosition> placeOf)
{
    private readonly List<DiagnosticInfo> _all = [];

    public EquatableArray<DiagnosticInfo> ToArray() => _all.ToEquatableArray();

    /// <summary>Adds a diagnostic about a C name; the place is looked up when the line is 0.</summary>
    public void Add(string id, string cName, int line, params string[] arguments)
    {
        SourcePosition place = line > 0 ? new SourcePosition(source, line) : placeOf(cName);
        _all.Add(DiagnosticInfo.Create(id, place.File, place.Line, arguments));
    }

    /// <summary>Adds a diagnostic at a line of a header, or of the C file itself.</summary>
    public void AddAt(string id, string header, int line, params string[] arguments)
        => _all.Add(DiagnosticInfo.Create(id, header.Length > 0 ? header : source, line, arguments));
}

/// <summary>A line of the C.</summary>
/// <param name="File">The C file or a header, relative to the project's folder.</param>
/// <param name="Line">The line, from 1.</param>
internal sealed record SourcePosition(string File, int Line);
