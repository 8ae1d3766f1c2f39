using System.Globalization;
using System.Text;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>The cells that a text takes on a terminal.</summary>
internal static class Cells
{
    private static readonly (int First, int Last)[] s_wide =
    [
        (0x1100, 0x115f), (0x2e80, 0xa4cf), (0xac00, 0xd7a3), (0xf900, 0xfaff), (0xfe30, 0xfe6f), (0xff00, 0xff60), (0xffe0, 0xffe6), (0x1f300, 0x1faff), (0x20000, 0x3fffd),
    ];

    /// <summary>The number of cells.</summary>
    internal static int Of(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return text.Length;
        }

        int cells = 0;
        foreach (Rune letter in text.EnumerateRunes())
        {
            cells += Of(letter);
        }

        return cells;
    }

    /// <summary>The text in exactly a number of cells: with blanks behind it, or cut with a mark at its end.</summary>
    internal static string Fit(string text, int width)
    {
        int cells = Of(text);
        if (cells <= width)
        {
            return text + new string(' ', width - cells);
        }

        if (width <= 0)
        {
            return "";
        }

        var cut = new StringBuilder();
        int used = 0;
        foreach (Rune letter in text.EnumerateRunes())
        {
            int next = Of(letter);
            if (used + next > width - 1)
            {
                break;
            }

            cut.Append(letter.ToString());
            used += next;
        }

        return cut.Append('~').Append(' ', width - used - 1).ToString();
    }

    private static int Of(Rune letter)
        => Rune.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0
            : Array.Exists(s_wide, range => letter.Value >= range.First && letter.Value <= range.Last) ? 2
            : 1;
}
