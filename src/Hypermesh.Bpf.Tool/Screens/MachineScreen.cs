using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>The whole machine: a line for each monitor, what is busiest, and the run-queue latency over time.</summary>
internal static class MachineScreen
{
    private const int NameWidth = 6;
    private const int LeastTable = 4;

    internal static List<Line> Render(ScreenData data, int width, int height)
    {
        var lines = new List<Line> { Line.Of("a second; % of one core; p50, p99 of the last reading; ~ degraded, x not running", Colour.Dim) };
        foreach (string name in MonitorNames.All)
        {
            lines.Add(Row(data, name, width));
        }

        lines.AddRange(Busiest(data, width));
        foreach ((string title, Metric metric) in MonitorScreen.Heats)
        {
            int room = height - lines.Count - 1;
            if (room >= Heat.Shortest && MonitorScreen.HeatOf(data, title, metric, width, Math.Min(room, 12)) is { } heat)
            {
                lines.Add(Screen.Rule(width));
                lines.AddRange(heat);
            }
        }

        int left = height - lines.Count - 1;
        if (left >= LeastTable && data.Processes is { Processes.Count: > 0 } processes)
        {
            lines.Add(Screen.Rule(width));
            lines.AddRange(MonitorScreen.Processes(processes).Render(width, left, new ScreenState()).Lines);
        }

        return lines;
    }

    /// <summary>The line of a monitor: its most important figures, as many as fit, or why there are none.</summary>
    internal static Line Row(ScreenData data, string name, int width)
    {
        MonitorSnapshot? monitor = data.Latest!.Find(name);
        bool hasFigures = monitor is { Seconds: > 0 };
        char mark = !hasFigures ? 'x' : monitor!.Condition == MonitorCondition.Ok ? ' ' : '~';
        Colour colour = monitor is null ? Colour.Dim : Screen.ColourOf(monitor.Condition);
        var line = new Line().AddFit(MonitorNames.Short(name), NameWidth - 1, colour == Colour.None ? Colour.Bold : colour).Add(mark.ToString(), colour).Add(" ");
        if (!hasFigures)
        {
            return line.Add(Absence(data, monitor, name), Colour.Dim);
        }

        int parts = 0;
        foreach (string part in MonitorSummary.Of(monitor!))
        {
            if (parts > 0 && line.Width + 2 + Cells.Of(part) > width)
            {
                break;
            }

            line.Add((parts++ == 0 ? "" : "  ") + part);
        }

        return line;
    }

    private static string Absence(ScreenData data, MonitorSnapshot? monitor, string name) => monitor switch
    {
        { Condition: MonitorCondition.Refused } => $"refused: {monitor.Reason}",
        { } => monitor.Reason ?? "no reading yet",
        null when data.Replay is not null => "not in the recording",
        null when data.Chosen is { } chosen && !chosen.Contains(name, StringComparer.Ordinal) => $"not chosen: hmbpf top {string.Join(' ', chosen)}",
        null => "starting",
    };

    // What a user looks for first: who uses the machine.
    private static IEnumerable<Line> Busiest(ScreenData data, int width)
    {
        Snapshot latest = data.Latest!;
        var parts = new List<string>();
        if (Greatest(latest.Find("cpu"), MetricTable.TaskTime) is { } cpu)
        {
            parts.Add($"CPU {cpu.Label} {Units.Percent(cpu.Rate)}");
        }

        if (data.Processes is { Processes: [{ CpuShare: > 0 } process, ..] })
        {
            parts.Add($"process {process.Name}[{process.Id}] {Units.Percent(process.CpuShare)}");
        }

        if (Greatest(latest.Find("disk"), MetricTable.DiskBytes) is { } disk)
        {
            parts.Add($"disk {disk.Label} {Units.Bytes(disk.Rate)}/s");
        }

        if (Greatest(latest.Find("cpu"), MetricTable.CGroupTaskTime) is { } group)
        {
            parts.Add($"cgroup {group.Label} {Units.Percent(group.Rate)}");
        }

        if (Greatest(latest.Find("network"), MetricTable.NetworkBytes) is { } device)
        {
            parts.Add($"interface {device.Label} {Units.Bytes(device.Rate)}/s");
        }

        var line = new Line().AddFit("BUSY", NameWidth + 1, Colour.Bold);
        bool isEmpty = true;
        foreach (string part in parts)
        {
            if (!isEmpty && line.Width + 2 + Cells.Of(TerminalLine.Escape(part)) > width)
            {
                yield return line;
                line = new Line().PadTo(NameWidth + 1);
                isEmpty = true;
            }

            line.Add((isEmpty ? "" : "  ") + part);
            isEmpty = false;
        }

        yield return line;
    }

    private static (string Label, double Rate)? Greatest(MonitorSnapshot? monitor, Metric metric)
        => monitor is { Seconds: > 0 } && monitor.Figures.GetValueOrDefault(metric.Name)?.Greatest() is { } greatest ? (greatest.Label, greatest.Value / monitor.Seconds) : null;
}
