using System.Globalization;
using System.Text;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes documentation: the comment in the C if there is one, and always the declaration in C.</summary>
internal static class Documentation
{
    /// <summary>Returns documentation lines, the last without a line end.</summary>
    /// <param name="note">What is known of the declaration.</param>
    /// <param name="facts">Its declaration in C, as XML and without a full stop.</param>
    public static string Of(SourceNote? note, string facts)
    {
        if (note is null)
        {
            return $"/// <summary>{facts}.</summary>";
        }

        string place = $"{facts}, line {note.Line.ToString(CultureInfo.InvariantCulture)}"
            + (note.Header.Length > 0 ? $" of {XmlText.Code(note.Header)}" : "") + ".";
        IReadOnlyList<string> paragraphs = CommentXml.Paragraphs(note.Comment);
        if (paragraphs.Count == 0)
        {
            return $"/// <summary>{place}</summary>";
        }

        var text = new StringBuilder($"<summary>{paragraphs[0]}</summary>\n<remarks>");
        foreach (string paragraph in paragraphs.Skip(1))
        {
            text.Append("\n<para>").Append(paragraph).Append("</para>");
        }

        text.Append(paragraphs.Count > 1 ? $"\n<para>{place}</para>\n" : place).Append("</remarks>");
        return "/// " + text.ToString().Replace("\n", "\n/// ");
    }
}

/// <summary>
/// Converts a comment's text to paragraphs of XML. It expects plain text; the most common commands of doxygen and of the kernel are removed, so that they do
/// not appear in the documentation.
/// </summary>
internal static class CommentXml
{
    private static readonly char[] s_ends = [' ', '[', ':'];

    // Words at the start of a line, with their replacement at the start of the paragraph.
    private static readonly Dictionary<string, string> s_lead = new(StringComparer.Ordinal)
    {
        ["brief"] = "", ["short"] = "", ["details"] = "", ["par"] = "", ["remark"] = "", ["remarks"] = "",
        ["return"] = "Returns ", ["returns"] = "Returns ", ["result"] = "Returns ", ["retval"] = "Returns ",
        ["note"] = "Note: ", ["warning"] = "Warning: ", ["attention"] = "Attention: ", ["deprecated"] = "Deprecated: ",
        ["see"] = "See ", ["sa"] = "See ", ["since"] = "Since ",
    };

    // Words before a name that is code.
    private static readonly string[] s_code = ["p", "c", "a", "ref"];

    /// <summary>Returns the paragraphs; the first is the summary.</summary>
    public static IReadOnlyList<string> Paragraphs(string comment)
    {
        var paragraphs = new List<string>();
        var lines = new List<string>();
        int summary = -1;
        foreach (string line in comment.Split('\n').Select(line => line.Trim()))
        {
            string? command = CommandOf(line, out string rest);
            if (line.Length == 0 || command is not null)
            {
                End(paragraphs, lines);
            }

            if (command is "brief" or "short" && summary < 0)
            {
                summary = paragraphs.Count;
            }

            string text = command is null ? Inline(line) : Lead(command, rest);
            if (text.Length > 0)
            {
                lines.Add(text);
            }
        }

        End(paragraphs, lines);
        if (summary > 0 && summary < paragraphs.Count)
        {
            string first = paragraphs[summary];
            paragraphs.RemoveAt(summary);
            paragraphs.Insert(0, first);
        }

        return paragraphs;
    }

    private static void End(List<string> paragraphs, List<string> lines)
    {
        if (lines.Count > 0)
        {
            paragraphs.Add(string.Join("\n", lines));
            lines.Clear();
        }
    }

    // @param name, \return, and the kernel's "@name:"; null for a line of text.
    private static string? CommandOf(string line, out string rest)
    {
        rest = "";
        if (line.Length < 2 || line[0] is not ('@' or '\\') || !char.IsLetter(line[1]))
        {
            return null;
        }

        int end = line.IndexOfAny(s_ends, 1);
        string word = end < 0 ? line.Substring(1) : line.Substring(1, end - 1);
        rest = end < 0 ? "" : line.Substring(end);
        return word is "param" or "tparam" || s_lead.ContainsKey(word) || (rest.StartsWith(":", StringComparison.Ordinal) && line[0] == '@') ? word : null;
    }

    private static string Lead(string command, string rest)
    {
        if (rest.StartsWith("[", StringComparison.Ordinal))
        {
            rest = rest.Substring(rest.IndexOf(']') + 1);
        }

        if (s_lead.TryGetValue(command, out string? lead))
        {
            string text = Inline(rest.TrimStart(':', ' '));
            return text.Length > 0 ? lead + text : "";
        }

        string about = rest.Trim();
        if (command is not ("param" or "tparam"))
        {
            return $"{XmlText.Code(command)}: {Inline(about.TrimStart(':', ' '))}";
        }

        int space = about.IndexOf(' ');
        return space < 0 ? XmlText.Code(about) : $"{XmlText.Code(about.Substring(0, space))}: {Inline(about.Substring(space + 1).Trim())}";
    }

    private static string Inline(string line)
    {
        string[] words = line.Split(' ');
        var text = new StringBuilder();
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            bool isMark = word.Length > 1 && word[0] is '@' or '\\' && i + 1 < words.Length && Array.IndexOf(s_code, word.Substring(1)) >= 0;
            text.Append(text.Length > 0 ? " " : "").Append(isMark ? XmlText.Code(words[++i]) : XmlText.Escape(word));
        }

        return Quoted(text.ToString());
    }

    // `code`, where both ends are on one line.
    private static string Quoted(string text)
    {
        string[] parts = text.Split('`');
        if (parts.Length < 3 || parts.Length % 2 == 0)
        {
            return text;
        }

        return string.Concat(parts.Select((part, i) => i % 2 == 0 ? part : part.Length == 0 ? "``" : $"<c>{part}</c>"));
    }
}

/// <summary>C's words in documentation comments.</summary>
internal static class XmlText
{
    /// <summary>Text as XML writes it, on one line.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i];
            if (char.IsHighSurrogate(character) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                escaped.Append(character).Append(text[++i]);
                continue;
            }

            escaped.Append(character switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                // These end a line of C#.
                '\r' or '\n' or '\u0085' or '\u2028' or '\u2029' => " ",
                _ => IsXml(character) ? character.ToString() : "\ufffd",
            });
        }

        return escaped.ToString();
    }

    /// <summary>Text as code.</summary>
    public static string Code(string text) => $"<c>{Escape(text)}</c>";

    private static bool IsXml(char character) => character == '\t' || (character >= ' ' && character < '\ufffe' && !char.IsSurrogate(character));
}
