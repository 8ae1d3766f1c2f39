using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>
/// Makes the compiler take a declaration for a line of the C file: who asks for the declaration of a generated member is led there. Bodies stay
/// lines of the generated file, so that exceptions, debuggers and coverage name the code that runs.
/// </summary>
internal static class SourcePlace
{
    private static readonly char[] s_unspeakable = ['"', '\r', '\n', '\u0085', '\u2028', '\u2029'];

    /// <summary>A declaration, without the body, between its directives.</summary>
    public static string Map(SourceNote? note, string declaration)
        => !IsKnown(note)
            ? declaration
            : $"#line {note.Line.ToString(CultureInfo.InvariantCulture)} \"{note.Path}\"\n{declaration}\n#line default";

    /// <summary>A declaration between its directives, and after them its body, which fits on one line.</summary>
    public static string Map(SourceNote? note, string declaration, string body)
        => IsKnown(note) ? $"{Map(note, declaration)}\n    {body}" : $"{declaration} {body}";

    // A directive has no way to write a quotation mark or the end of a line.
    private static bool IsKnown([NotNullWhen(true)] SourceNote? note) => note is not null && note.Path.IndexOfAny(s_unspeakable) < 0;
}
