using System.Globalization;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>Renders what is shown: a pure function of the data, of what the user has chosen, and of the size.</summary>
internal static class Screen
{
    private const int LeastWidth = 60;
    private const int LeastHeight = 15;

    // As on the page.
    private const double ToleratedError = 0.01;

    private const string Keys = "1-8 monitor  b programs  c cost  h hooks  / filter  s sort  p pause  ? help  q";
    private const string FewKeys = "1-8 b c h / filter  s sort  p pause  ? help  q quit";

    /// <summary>Renders a frame.</summary>
    /// <param name="data">The data.</param>
    /// <param name="state">What the user has chosen.</param>
    /// <param name="width">The number of columns.</param>
    /// <param name="height">The number of rows.</param>
    internal static Frame Render(ScreenData data, ScreenState state, int width, int height)
    {
        if (width < LeastWidth || height < LeastHeight)
        {
            var small = new Line();
            AddTrust(small, data);
            return Frame.Of(width, height, [small, Line.Of($"{width}x{height} is too small: {LeastWidth}x{LeastHeight} is needed")], new Body([]), []);
        }

        int room = height - 2;
        Body body = state.Kind switch
        {
            _ when data.Latest is null => new Body([Line.Of("the monitors are starting", Colour.Dim)]),
            ScreenKind.Machine => new Body(MachineScreen.Render(data, width, room)),
            ScreenKind.Monitor => MonitorScreen.Render(data, state, width, room),
            ScreenKind.Programs => CostScreens.Programs(data, state, width, room),
            ScreenKind.Cost => CostScreens.Monitors(data, state, width, room),
            ScreenKind.Hooks => HookScreen.Render(data, state, width, room),
            _ => new Body(HelpScreen.Render(width)),
        };
        Frame frame = Frame.Of(width, height, [Header(data, state, width)], body, [Footer(state, width)]);
        return data.IsAscii ? frame.ToAscii() : frame;
    }

    /// <summary>The colour of a condition.</summary>
    internal static Colour ColourOf(MonitorCondition condition) => condition switch
    {
        MonitorCondition.Ok => Colour.None,
        MonitorCondition.Degraded => Colour.Yellow,
        _ => Colour.Red,
    };

    /// <summary>A rule over the whole width.</summary>
    internal static Line Rule(int width) => Line.Of(new string('-', width), Colour.Dim);

    // What says how far the figures can be trusted is at the right and never cut; the rest gives way.
    private static Line Header(ScreenData data, ScreenState state, int width)
    {
        var trust = new Line();
        AddTrust(trust, data);
        var left = new Line();
        left.Add(data.Replay is null ? "hmbpf top" : "hmbpf replay", Colour.Bold);
        int room = width - trust.Width - 2;
        if (state.IsPaused)
        {
            left.Add("  PAUSED", Colour.Yellow);
        }

        foreach (string part in Parts(data))
        {
            if (left.Width + 2 + Cells.Of(TerminalLine.Escape(part)) <= room)
            {
                left.Add("  " + part);
            }
        }

        var line = left.Fit(Math.Max(0, room)).Add("  ");
        foreach (Span span in trust.Spans)
        {
            line.Add(span.Text, span.Colour);
        }

        return line;
    }

    private static IEnumerable<string> Parts(ScreenData data)
    {
        if (data.Replay is not null)
        {
            yield return data.Replay;
        }

        if (data.Latest is { } latest)
        {
            yield return latest.Host;
            yield return latest.Kernel;
            if (latest.Find("cpu")?.Figures.GetValueOrDefault(MetricTable.ContextSwitches.Name) is { } switches)
            {
                yield return $"{switches.Points.Count} CPU{(switches.Points.Count == 1 ? "" : "s")}";
            }

            yield return $"up {Units.Time(latest.Uptime).Trim()}";
            yield return string.Create(CultureInfo.InvariantCulture, $"{latest.Seconds:0.0} s");
        }
    }

    private static void AddTrust(Line line, ScreenData data)
    {
        IReadOnlyList<MonitorSnapshot> monitors = data.Latest?.Monitors ?? [];
        ulong lost = data.History.Lost;
        double? error = monitors.Select(static monitor => monitor.Error).Where(static one => one is not null).MaxBy(static one => Math.Abs(one!.Value));
        int blind = monitors.Sum(static monitor => monitor.Hooks.Count(static hook => hook.State == HookState.Blind));
        line.Add($"loss {Units.Number(lost).Trim()}", lost > 0 ? Colour.Red : Colour.None);
        line.Add("  ").Add($"error {(error is { } share ? Units.Error(share) : "-")}", Math.Abs(error ?? 0) > ToleratedError ? Colour.Red : Colour.None);
        line.Add("  ").Add($"blind {blind}", blind > 0 ? Colour.Red : Colour.None);
    }

    private static Line Footer(ScreenState state, int width)
        => state.IsEditing ? Line.Of($"filter: {state.Filter}_   (Enter keeps it, Esc removes it)", Colour.Bold)
            : state.Filter.Length > 0 ? new Line().Add($"filter \"{state.Filter}\"  ", Colour.Yellow).Add(FewKeys, Colour.Dim)
            : Line.Of(width < Keys.Length ? FewKeys : Keys, Colour.Dim);
}
