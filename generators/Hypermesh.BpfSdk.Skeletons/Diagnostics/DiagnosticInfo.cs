using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Diagnostics;

/// <summary>
/// A diagnostic as a value, which the pipeline may keep. A Roslyn diagnostic would hold a location and with it a syntax tree;
/// and without Roslyn the parser can be linked into the build task, whose layout check reads the object again.
/// </summary>
/// <param name="Id">The diagnostic: one of <see cref="DiagnosticIds"/>.</param>
/// <param name="Path">The file it is about: the C source where it is known, else the carrier.</param>
/// <param name="Line">The line there, from 1; 1 when it is not known.</param>
/// <param name="Arguments">The arguments of the message.</param>
internal sealed record DiagnosticInfo(string Id, string Path, int Line, EquatableArray<string> Arguments)
{
    public static DiagnosticInfo Create(string id, string path, int line, params string[] arguments)
        => new(id, path, line, arguments.ToEquatableArray());
}
