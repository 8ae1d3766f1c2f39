using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Screens;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Hypermesh.Bpf.Tool.Live;

/// <summary>A frame as Spectre.Console draws it.</summary>
internal sealed class FrameView(Frame frame) : IRenderable
{
    private static readonly Dictionary<Colour, Style> s_styles = new()
    {
        [Colour.None] = Style.Plain,
        [Colour.Bold] = new Style(decoration: Decoration.Bold),
        [Colour.Dim] = new Style(decoration: Decoration.Dim),
        [Colour.Red] = new Style(Color.Red, decoration: Decoration.Bold),
        [Colour.Green] = new Style(Color.Green),
        [Colour.Yellow] = new Style(Color.Yellow),
    };

    public Measurement Measure(RenderOptions options, int maxWidth) => new(frame.Width, frame.Width);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        for (int i = 0; i < frame.Lines.Count; i++)
        {
            if (i > 0)
            {
                yield return Segment.LineBreak;
            }

            foreach (Screens.Span span in frame.Lines[i].Spans)
            {
                yield return new Segment(span.Text, s_styles[span.Colour]);
            }
        }
    }
}
