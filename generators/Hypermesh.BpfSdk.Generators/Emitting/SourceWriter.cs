using System.Text;

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
