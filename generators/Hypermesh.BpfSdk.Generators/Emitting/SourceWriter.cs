using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Text with an indentation. Blocks of several lines are written with the current indentation before each line.</summary>
internal sealed class SourceWriter
{
    private const int SpacesPerLevel = 4;

    private readonly StringBuilder _text = new();
    private bool _blockJustOpened = true;

    public int Indentation { get; private set; }

    /// <summary>Writes a line, or several when the text has line breaks (either kind; the output has LF only).</summary>
    public SourceWriter Line(string text)
    {
        var start = 0;
        while (start <= text.Length)
        {
            var end = text.IndexOf('\n', start);
            var stop = end < 0 ? text.Length : end;
            var length = stop > start && text[stop - 1] == '\r' ? stop - start - 1 : stop - start;
            if (length > 0)
            {
                _text.Append(' ', Indentation * SpacesPerLevel).Append(text, start, length);
            }

            _text.Append('\n');
            start = stop + 1;
        }

        _blockJustOpened = false;
        return this;
    }

    /// <summary>Writes an empty line between two members; nothing after an opening brace.</summary>
    public SourceWriter Gap()
    {
        if (!_blockJustOpened)
        {
            _text.Append('\n');
        }

        return this;
    }

    /// <summary>Writes a header and an opening brace. <see cref="Close"/> ends the block.</summary>
    public SourceWriter Open(string header)
    {
        Line(header).Line("{");
        Indentation++;
        _blockJustOpened = true;
        return this;
    }

    /// <summary>Ends the innermost block.</summary>
    public SourceWriter Close()
    {
        Indentation--;
        return Line("}");
    }

    public override string ToString() => _text.ToString();
}

/// <summary>
/// Maps a declaration to a line of the C file, so that "Go to definition" of a generated member opens that line. Bodies stay
/// lines of the generated file, so that exceptions, debuggers and coverage name the code that runs.
/// </summary>
internal static class SourcePlace
{
    private static readonly char[] s_unspeakable = ['"', '\r', '\n', '\u0085', '\u2028', '\u2029'];

    /// <summary>Returns a declaration, without the body, between its directives.</summary>
    public static string Map(SourceNote? note, string declaration)
        => !IsKnown(note)
            ? declaration
            : $"#line {note.Line.ToString(CultureInfo.InvariantCulture)} \"{note.Path}\"\n{declaration}\n#line default";

    /// <summary>Returns a declaration between its directives, followed by its body, which fits on one line.</summary>
    public static string Map(SourceNote? note, string declaration, string body)
        => IsKnown(note) ? $"{Map(note, declaration)}\n    {body}" : $"{declaration} {body}";

    // A directive cannot contain a quotation mark or a line end.
    private static bool IsKnown([NotNullWhen(true)] SourceNote? note) => note is not null && note.Path.IndexOfAny(s_unspeakable) < 0;
}

/// <summary>Writes values as C# literals.</summary>
internal static class CSharpLiterals
{
    /// <summary>A string with quotes.</summary>
    public static string Text(string value)
    {
        var literal = new StringBuilder("\"");
        foreach (char character in value)
        {
            literal.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' => "\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture),
                _ => character.ToString(),
            });
        }

        return literal.Append('"').ToString();
    }

    /// <summary>A mask of 64 bits.</summary>
    public static string Mask(ulong value) => "0x" + value.ToString("X", CultureInfo.InvariantCulture) + "UL";
}
