using System.Text;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>A part of a line in one style. The text was escaped where the line was built.</summary>
internal readonly record struct Span(string Text, Colour Colour);

/// <summary>One line of a frame, built from left to right.</summary>
internal sealed class Line
{
    private readonly List<Span> _spans = [];

    /// <summary>The parts.</summary>
    internal IReadOnlyList<Span> Spans => _spans;

    /// <summary>The number of cells.</summary>
    internal int Width { get; private set; }

    /// <summary>A line with one text.</summary>
    internal static Line Of(string text, Colour colour = Colour.None) => new Line().Add(text, colour);

    /// <summary>Adds a text, escaped.</summary>
    internal Line Add(string text, Colour colour = Colour.None)
    {
        string escaped = TerminalLine.Escape(text);
        if (escaped.Length > 0)
        {
            _spans.Add(new Span(escaped, colour));
            Width += Cells.Of(escaped);
        }

        return this;
    }

    /// <summary>Adds a text in exactly a number of cells.</summary>
    internal Line AddFit(string text, int width, Colour colour = Colour.None) => Add(Cells.Fit(TerminalLine.Escape(text), width), colour);

    /// <summary>Adds blanks up to a column.</summary>
    internal Line PadTo(int column) => Width < column ? Add(new string(' ', column - Width)) : this;

    /// <summary>The line with its texts replaced by others of the same width.</summary>
    internal Line Replace(Func<string, string> change)
    {
        var changed = new Line();
        foreach (Span span in _spans)
        {
            changed.Add(change(span.Text), span.Colour);
        }

        return changed;
    }

    /// <summary>A text over several lines, broken at blanks.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The number of cells of a line.</param>
    /// <param name="indent">The blanks before the second line and those after it.</param>
    /// <param name="colour">The colour.</param>
    internal static IEnumerable<Line> Wrap(string text, int width, int indent = 0, Colour colour = Colour.None)
    {
        string left = TerminalLine.Escape(text);
        for (bool isFirst = true; isFirst || left.Length > 0; isFirst = false)
        {
            string before = isFirst ? "" : new string(' ', indent);
            int room = Math.Max(1, width - before.Length);
            int end = left.Length <= room ? left.Length : left.LastIndexOf(' ', room) is > 0 and int blank ? blank : room;
            yield return Of(before + left[..end], colour);
            left = left[end..].TrimStart();
        }
    }

    /// <summary>The line in exactly a number of cells.</summary>
    internal Line Fit(int width)
    {
        if (Width <= width)
        {
            return PadTo(width);
        }

        var cut = new Line();
        foreach (Span span in _spans)
        {
            int left = width - cut.Width;
            if (left <= 0)
            {
                break;
            }

            cut.Add(Cells.Of(span.Text) <= left ? span.Text : Cells.Fit(span.Text, left), span.Colour);
        }

        return cut.PadTo(width);
    }
}

/// <summary>The lines of a screen or of a table.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="Scroll">The number of rows that the table is scrolled by; 0 where nothing can be scrolled.</param>
internal readonly record struct Body(List<Line> Lines, int Scroll = 0)
{
    /// <summary>The same with lines above it, which are not scrolled.</summary>
    internal Body Below(IEnumerable<Line> lines) => new([.. lines, .. Lines], Scroll);
}

/// <summary>What a terminal shows: exactly as many lines as it has rows, each of them as wide as the terminal.</summary>
internal sealed class Frame
{
    private Frame(IReadOnlyList<Line> lines, int width)
    {
        Lines = lines;
        Width = width;
    }

    /// <summary>The lines.</summary>
    internal IReadOnlyList<Line> Lines { get; }

    /// <summary>The number of columns.</summary>
    internal int Width { get; }

    /// <summary>The number of rows that the table is scrolled by: not more than there are to scroll.</summary>
    internal int Scroll { get; private init; }

    /// <summary>Builds a frame: the top lines, the bottom lines, and as much of the body as fits between them.</summary>
    internal static Frame Of(int width, int height, IReadOnlyList<Line> top, Body body, IReadOnlyList<Line> bottom)
    {
        var lines = new List<Line>(top.Take(height));
        int room = Math.Max(0, height - lines.Count - bottom.Count);
        lines.AddRange(body.Lines.Take(room));
        while (lines.Count < height - bottom.Count)
        {
            lines.Add(new Line());
        }

        lines.AddRange(bottom.Take(height - lines.Count));
        return new Frame([.. lines.Select(line => line.Fit(width))], width) { Scroll = body.Scroll };
    }

    /// <summary>The same frame with ASCII characters in place of this tool's own signs. Names of others stay as they are.</summary>
    internal Frame ToAscii() => new([.. Lines.Select(static line => line.Replace(static text => text.Replace('…', '.').Replace('↓', 'v').Replace('↑', '^')))], Width) { Scroll = Scroll };

    /// <summary>The frame as text without colours, lines without blanks at their ends.</summary>
    internal string ToText()
    {
        var text = new StringBuilder();
        foreach (Line line in Lines)
        {
            text.Append(string.Concat(line.Spans.Select(static span => span.Text)).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
