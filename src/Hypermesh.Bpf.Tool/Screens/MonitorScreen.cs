using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>One monitor: its condition, its most important figures, its histogram over time, and all its figures in tables.</summary>
internal static class MonitorScreen
{
    private const int MostReasonLines = 3;
    private const int LeastTable = 3;

    /// <summary>The histograms that are shown over time, the first of each monitor the most important.</summary>
    internal static readonly (string Title, Metric Metric)[] Heats =
    [
        ("run-queue latency", MetricTable.RunQueueLatency),
        ("disk latency in the device", MetricTable.DiskDuration),
        ("TCP round trip", MetricTable.TcpRtt),
        ("reclaim stalls", MetricTable.ReclaimDuration),
        ("life of processes", MetricTable.ProcessLifetime),
        ("GPU job time", MetricTable.GpuRunTime),
        ("fence time", MetricTable.FenceDuration),
    ];

    internal static Body Render(ScreenData data, ScreenState state, int width, int height)
    {
        MonitorSnapshot? monitor = data.Latest!.Find(state.Monitor);
        var lines = new List<Line> { MachineScreen.Row(data, state.Monitor, width) };
        if (monitor is null)
        {
            return new Body(lines);
        }

        lines.AddRange(Reason(monitor, width));
        foreach ((string title, Metric metric) in Heats)
        {
            int part = Math.Min(12, Math.Max(Heat.Shortest, (height - lines.Count) * 2 / 5));
            if (monitor.Figures.ContainsKey(metric.Name) && height - lines.Count >= part && HeatOf(data, title, metric, width, part) is { } heat)
            {
                lines.Add(Screen.Rule(width));
                lines.AddRange(heat);
                break;
            }
        }

        List<Table> tables = FigureTables.Of(monitor);
        if (monitor.Name == "process" && data.Processes is { Processes.Count: > 0 } processes)
        {
            tables.Insert(0, Processes(processes));
        }

        return new Body(lines, AddTables(lines, tables, state, width, height));
    }

    /// <summary>A histogram over time; null when the monitors do not have it, or have no values yet.</summary>
    internal static List<Line>? HeatOf(ScreenData data, string title, Metric metric, int width, int height)
    {
        IReadOnlyCollection<ulong[]> slots = data.History.SlotsOf(metric);
        Exp2Histogram? like = slots.LastOrDefault(static column => column.Any(static slot => slot > 0)) is { } column
            ? metric.Unit == "s" ? Exp2Histogram.OfTimes(column.Length) : Exp2Histogram.OfSizes(column.Length)
            : null;
        return like is null ? null : Heat.Render(title, slots, like, width, height, data.IsAscii, metric.Unit == "s");
    }

    private static IEnumerable<Line> Reason(MonitorSnapshot monitor, int width)
        => monitor.Condition == MonitorCondition.Ok ? [] : Line.Wrap($"{monitor.Condition.Name()}: {monitor.Reason}", width, 2, Screen.ColourOf(monitor.Condition)).Take(MostReasonLines);

    // Each table gets its rows as long as there is room; a table that would have no row is left out. The first one is scrolled.
    private static int AddTables(List<Line> lines, List<Table> tables, ScreenState state, int width, int height)
    {
        int scroll = 0;
        for (int i = 0; i < tables.Count; i++)
        {
            int room = height - lines.Count;
            int others = Math.Min(tables.Count - i - 1, Math.Max(0, (room - 8) / (LeastTable + 1)));
            int part = Math.Min(tables[i].Count + 1, room - (others * (LeastTable + 1)) - 1);
            if (part < 2)
            {
                break;
            }

            Body table = tables[i].Render(width, part, i == 0 ? state : state with { Scroll = 0 });
            scroll = i == 0 ? table.Scroll : scroll;
            lines.Add(Screen.Rule(width));
            lines.AddRange(table.Lines);
        }

        return scroll;
    }

    /// <summary>The processes as a table.</summary>
    internal static Table Processes(ProcessesSnapshot processes)
    {
        var table = new Table("process", "CPU", "memory", "pid");
        foreach (ProcessUse process in processes.Processes)
        {
            table.Add(
                Cell.Of(process.Name), new Cell(Units.Percent(process.CpuShare), process.CpuShare), process.ResidentBytes == 0 ? Cell.None : new Cell(Units.Bytes(process.ResidentBytes), process.ResidentBytes), new Cell($"{process.Id}", process.Id));
        }

        return table;
    }
}
