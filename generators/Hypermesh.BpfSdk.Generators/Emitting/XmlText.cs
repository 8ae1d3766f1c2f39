using System.Text;

namespace Hypermesh.BpfSdk.Generators.Emitting;

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
