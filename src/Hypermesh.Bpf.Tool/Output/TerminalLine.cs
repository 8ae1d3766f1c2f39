using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hypermesh.Bpf.Tool.Output;

/// <summary>A value in a colour.</summary>
internal readonly record struct Painted(Colour Colour, string Text);

/// <summary>
/// A line of text for people. Its values may come from anywhere: a process chooses the name the kernel shows for it, and a file the names in it. Each value is therefore
/// escaped before it gets its colour, and only this tool's own words reach the terminal unchanged.
/// </summary>
[InterpolatedStringHandler]
internal ref struct TerminalLine
{
    private readonly StringBuilder _text;
    private readonly bool _colours;

    internal TerminalLine(int literalLength, int formattedCount, Terminal terminal)
    {
        _text = new StringBuilder(literalLength + (formattedCount * 16));
        _colours = terminal.HasColours;
    }

    public readonly void AppendLiteral(string text) => _text.Append(text);

    public readonly void AppendFormatted(string? value) => _text.Append(Escape(value ?? ""));

    public readonly void AppendFormatted<T>(T value) => AppendFormatted(Convert.ToString(value, CultureInfo.InvariantCulture));

    public readonly void AppendFormatted<T>(T value, string format)
        where T : IFormattable
        => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    public readonly void AppendFormatted(Painted value)
    {
        string text = Escape(value.Text);
        if (_colours && value.Colour != Colour.None && text.Length > 0)
        {
            _text.Append(CultureInfo.InvariantCulture, $"\e[{(int)value.Colour}m{text}\e[0m");
        }
        else
        {
            _text.Append(text);
        }
    }

    internal readonly string Finish() => _text.ToString();

    /// <summary>
    /// Escapes what a terminal interprets instead of showing, and what changes the order in which the rest is shown: control characters (C0, DEL, C1), format characters
    /// (bidirectional marks, embeddings, overrides and isolates, invisible characters) and ends of lines.
    /// </summary>
    internal static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (Rune letter in text.EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(letter))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    escaped.Append(Escape(letter.Value));
                    break;
                default:
                    escaped.Append(letter.ToString());
                    break;
            }
        }

        return escaped.ToString();
    }

    private static string Escape(int letter) => letter switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        <= 0xff => string.Create(CultureInfo.InvariantCulture, $"\\x{letter:x2}"),
        <= 0xffff => string.Create(CultureInfo.InvariantCulture, $"\\u{letter:x4}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\U{letter:x8}"),
    };
}
