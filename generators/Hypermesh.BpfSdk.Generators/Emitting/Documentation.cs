using System.Globalization;
using System.Text;
using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes documentation: the comment in the C where there is one, and in any case what the thing is there.</summary>
internal static class Documentation
{
    /// <summary>Documentation lines, the last without an end.</summary>
    /// <param name="note">What is known of the declaration.</param>
    /// <param name="facts">What it is in C, as XML and without a full stop.</param>
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
