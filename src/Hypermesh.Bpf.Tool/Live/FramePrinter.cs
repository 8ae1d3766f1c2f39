using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Screens;

namespace Hypermesh.Bpf.Tool.Live;

/// <summary>Prints frames as lines, where there is no screen to draw on.</summary>
internal static class FramePrinter
{
    /// <summary>Prints a frame without the blanks at the ends of its lines.</summary>
    internal static void Print(Frame frame, Terminal terminal)
    {
        foreach (Line row in frame.Lines)
        {
            var line = new TerminalLine(row.Width, row.Spans.Count, terminal);
            for (int i = 0; i < row.Spans.Count; i++)
            {
                string text = row.Spans[i].Text;
                line.AppendFormatted(new Painted(row.Spans[i].Colour, i == row.Spans.Count - 1 ? text.TrimEnd() : text));
            }

            terminal.Line(ref line);
        }

        terminal.Flush();
    }
}
