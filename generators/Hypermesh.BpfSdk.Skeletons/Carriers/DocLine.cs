using System.Globalization;
using System.Text;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Skeletons.Carriers;

/// <summary>A carrier's line about a declaration: key, line, column, header (empty for the C file itself) and comment, separated by tabs.</summary>
internal static class DocLine
{
    /// <summary>Reads the key and the note; null for another line.</summary>
    /// <param name="text">The text after <c>doc</c>.</param>
    /// <param name="source">The C file, from the project's folder.</param>
    /// <param name="root">The relative path from the generated code to the project's folder.</param>
    public static (string Key, SourceNote Note)? Read(string text, string source, string root)
    {
        string[] parts = text.Split('\t');
        if (parts.Length < 3 || parts.Length > 5 || parts[0].Length == 0
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int line) || line is 0 or > MaximumLine)
        {
            return null;
        }

        string header = parts.Length > 3 ? Unescape(parts[3]) : "";
        string comment = parts.Length > 4 ? Unescape(parts[4]) : "";
        return (parts[0], new SourceNote(root + (header.Length > 0 ? header : source), header, line, comment));
    }

    // C# allows no larger number in a #line.
    internal const int MaximumLine = 0xfeefed - 1;

    internal static string Unescape(string text)
    {
        if (text.IndexOf('\\') < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i];
            if (character == '\\' && i + 1 < text.Length)
            {
                i++;
                character = text[i] switch { 'n' => '\n', 't' => '\t', _ => text[i] };
            }

            result.Append(character);
        }

        return result.ToString();
    }
}
