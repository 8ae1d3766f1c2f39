using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>The hooks of all monitors, and what is known of each.</summary>
internal static class HookScreen
{
    internal static Body Render(ScreenData data, ScreenState state, int width, int height)
    {
        var table = new Table("hook", "monitor", "state", "way", "fired", "expected", "reason") { EndsWithText = true, IsOrdered = true };
        foreach (MonitorSnapshot monitor in data.Latest!.Monitors)
        {
            foreach (HookSnapshot hook in monitor.Hooks)
            {
                table.Add(
                    Cell.Of(hook.Name), Cell.Of(monitor.Name), Cell.Of(hook.State.Name(), ColourOf(hook.State)), Cell.Of(hook.Source ?? "-"), new Cell(Units.Number(hook.Fired), hook.Fired),
                    hook.Expected is { } expected ? new Cell(Units.Number(expected), expected) : Cell.None, Cell.Of(hook.Reason ?? ""));
            }
        }

        var lines = new List<Line> { Line.Of("unproven: nothing has happened yet that it should have seen; blind: it saw nothing", Colour.Dim) };
        return table.Render(width, height - lines.Count, state).Below(lines);
    }

    private static Colour ColourOf(HookState state) => state switch
    {
        HookState.Fired => Colour.Green,
        HookState.Unproven => Colour.None,
        HookState.Absent => Colour.Yellow,
        _ => Colour.Red,
    };
}

/// <summary>The keys, and what the first line says.</summary>
internal static class HelpScreen
{
    private const int Indent = 11;

    private static readonly string[] s_text =
    [
        "1-8        cpu network tcp disk memory process file gpu",
        "0 m Esc    the whole machine",
        "b c h      all BPF programs, cost of the monitors, hooks",
        "/ s        filter the rows of tables; sort by the next column",
        "arrows     scroll; in a recording left and right move, Home and End too",
        "p q        stand still; end",
        "",
        "loss       events lost since the start, for which a ring had no room or at which the kernel skipped a program",
        "error      the greatest difference between a figure and the kernel's own counter",
        "blind      hooks that see nothing although the kernel's counter moves",
        "",
        "Red means that figures are missing, or wrong by more than 1%. Percentages are of one core.",
    ];

    internal static List<Line> Render(int width) => [.. s_text.SelectMany(text => Line.Wrap(text, width, text.StartsWith("Red", StringComparison.Ordinal) ? 0 : Indent))];
}
