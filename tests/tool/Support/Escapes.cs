using System.Globalization;
using System.Text;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>The characters that must not reach a terminal from names that others chose.</summary>
internal static class Escapes
{
    /// <summary>Fails where a text holds a control character, a bidirectional mark or another invisible letter, except line feeds.</summary>
    internal static void AreNone(string text)
    {
        foreach (Rune letter in text.EnumerateRunes())
        {
            bool isObeyed = letter.Value != '\n'
                && Rune.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
            if (isObeyed)
            {
                Assert.Fail($"U+{letter.Value:X4} in {text}");
            }
        }
    }
}
