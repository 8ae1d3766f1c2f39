using Hypermesh.BpfSdk.Generators.Helpers;
using Hypermesh.BpfSdk.Generators.Parsing;

namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>Collects what is to be told about one C file.</summary>
/// <param name="source">The file.</param>
/// <param name="placeOf">The place of something by its C name: a header's where it is declared there.</param>
internal sealed class Findings(string source, Func<string, SourcePosition> placeOf)
{
    private readonly List<DiagnosticInfo> _all = [];

    public EquatableArray<DiagnosticInfo> ToArray() => _all.ToEquatableArray();

    /// <summary>Tells something about a C name; the place is looked up when the line is 0.</summary>
    public void Add(string id, string cName, int line, params string[] arguments)
    {
        SourcePosition place = line > 0 ? new SourcePosition(source, line) : placeOf(cName);
        _all.Add(DiagnosticInfo.Create(id, place.File, place.Line, arguments));
    }
}
