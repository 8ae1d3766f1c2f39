using Hypermesh.BpfSdk.Generators.Helpers;

namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>Collects what is to be told about one C file.</summary>
/// <param name="source">The file.</param>
/// <param name="lineOf">The line of something by its C name, 1 when it is not known.</param>
internal sealed class Findings(string source, Func<string, int> lineOf)
{
    private readonly List<DiagnosticInfo> _all = [];

    public EquatableArray<DiagnosticInfo> ToArray() => _all.ToEquatableArray();

    /// <summary>Tells something about a C name; the place is looked up when the line is 0.</summary>
    public void Add(string id, string cName, int line, params string[] arguments)
        => _all.Add(DiagnosticInfo.Create(id, source, line > 0 ? line : lineOf(cName), arguments));
}
