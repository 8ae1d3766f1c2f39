namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Escapes text for a carrier's line: line ends, tabs and backslashes are <c>\n</c>, <c>\t</c> and <c>\\</c>.</summary>
internal static class LineText
{
    public static string Escape(string text)
        => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
