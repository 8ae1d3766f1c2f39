using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Tool.Monitors;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>
/// All figures of a monitor in tables: those with the same attributes are columns of one table, its rows are the values of what was counted (CPU, device, cgroup), and attributes such as
/// the direction make columns. A figure of a later version is shown without a change here.
/// </summary>
internal static class FigureTables
{
    // Attributes with few values, which are columns.
    private static readonly HashSet<string> s_columns = new(StringComparer.Ordinal)
    {
        MetricTable.IoDirection, MetricTable.DiskDirection, MetricTable.Stage, MetricTable.Kind, MetricTable.ErrorType, MetricTable.Path, MetricTable.Outcome,
    };

    private static readonly string[] s_rare = ["discard ", "flush "];

    private static readonly Dictionary<string, string> s_rows = new(StringComparer.Ordinal)
    {
        [MetricTable.Cpu] = "cpu", [MetricTable.CGroup] = "cgroup", [MetricTable.Device] = "device", [MetricTable.Interface] = "interface", [MetricTable.NetworkType] = "network",
        [MetricTable.Hardware] = "gpu", [MetricTable.ExitCode] = "exit code",
    };

    private static readonly Dictionary<string, string> s_titles = new(StringComparer.Ordinal)
    {
        [MetricTable.ContextSwitches.Name] = "switch/s",
        [MetricTable.RunQueueLatency.Name] = "run queue",
        [MetricTable.TaskTime.Name] = "tasks",
        [MetricTable.SoftirqTime.Name] = "softirq",
        [MetricTable.IrqTime.Name] = "irq",
        [MetricTable.Migrations.Name] = "migr/s",
        [MetricTable.CGroupTaskTime.Name] = "tasks",
        [MetricTable.CGroupSwitches.Name] = "switch/s",
        [MetricTable.CGroupRunQueueTime.Name] = "tasks waiting",
        [MetricTable.NetworkPackets.Name] = "packet/s",
        [MetricTable.NetworkBytes.Name] = "B/s",
        [MetricTable.ProtocolPackets.Name] = "packet/s",
        [MetricTable.ProtocolBytes.Name] = "B/s",
        [MetricTable.NetworkDrops.Name] = "drop/s",
        [MetricTable.DiskBytes.Name] = "B/s",
        [MetricTable.DiskOperations.Name] = "IO/s",
        [MetricTable.DiskDuration.Name] = "",
        [MetricTable.DiskErrors.Name] = "error/s",
        [MetricTable.CGroupDiskBytes.Name] = "B/s",
        [MetricTable.TcpDuration.Name] = "life",
        [MetricTable.TcpBytes.Name] = "B/s",
        [MetricTable.TcpStates.Name] = "change/s",
        [MetricTable.TcpConnections.Name] = "now",
        [MetricTable.CGroupMemoryUsage.Name] = "usage",
        [MetricTable.CGroupMemoryLimit.Name] = "limit",
        [MetricTable.CGroupMemorySlope.Name] = "growth/s",
        [MetricTable.CGroupTimeToLimit.Name] = "limit in",
        [MetricTable.PressureStallTime.Name] = "stalled",
        [MetricTable.ReclaimDuration.Name] = "stall",
        [MetricTable.FileOperations.Name] = "/s",
    };

    /// <summary>The tables, in the order of the figures.</summary>
    internal static List<Table> Of(MonitorSnapshot monitor)
    {
        var tables = new List<Table>();
        var single = new Table("figure", "a second") { IsOrdered = true };
        foreach (IGrouping<string, Figure> group in monitor.Figures.Values.Where(static figure => figure.Points.Count > 0).GroupBy(static figure => string.Join(' ', RowAttributes(figure.Metric))))
        {
            if (group.Key.Length > 0)
            {
                tables.Add(OfRows(group.Key, [.. group], monitor.Seconds));
                continue;
            }

            foreach (Figure figure in group)
            {
                foreach (FigurePoint point in figure.Points)
                {
                    single.Add([Cell.Of(Join(ColumnPrefix(figure.Metric, point), figure.Metric.Name)), Cell.Of(string.Join("  ", Format(figure.Metric, point, monitor.Seconds).Select(static one => one.Title.Length > 0 ? $"{one.Title} {one.Cell.Text.Trim()}" : one.Cell.Text.Trim())))]);
                }
            }
        }

        if (single.Count > 0)
        {
            tables.Add(single);
        }

        return tables;
    }

    private static Table OfRows(string name, IReadOnlyList<Figure> figures, double seconds)
    {
        var columns = new List<string>();
        var rows = new Dictionary<string, Dictionary<string, Cell>>(StringComparer.Ordinal);
        foreach (Figure figure in figures)
        {
            foreach (FigurePoint point in figure.Points)
            {
                string row = RowName(figure.Metric, point);
                if (!rows.TryGetValue(row, out Dictionary<string, Cell>? cells))
                {
                    rows.Add(row, cells = new Dictionary<string, Cell>(StringComparer.Ordinal));
                }

                string prefix = Join(ColumnPrefix(figure.Metric, point), s_titles.GetValueOrDefault(figure.Metric.Name) ?? LastPart(figure.Metric));
                foreach ((string title, Cell cell) in Format(figure.Metric, point, seconds))
                {
                    string column = Join(prefix, title);
                    if (!columns.Contains(column))
                    {
                        columns.Add(column);
                    }

                    cells[column] = cell;
                }
            }
        }

        // What most devices do not do comes last: it is left out where there is no room.
        columns = [.. columns.OrderBy(static column => s_rare.Any(word => column.StartsWith(word, StringComparison.Ordinal)) ? 1 : 0)];
        var table = new Table(name, [.. columns]);
        foreach ((string row, Dictionary<string, Cell> cells) in rows)
        {
            table.Add([Cell.Of(row), .. columns.Select(column => cells.TryGetValue(column, out Cell cell) ? cell : Cell.None)]);
        }

        return table;
    }

    private static IEnumerable<(string Title, Cell Cell)> Format(Metric metric, FigurePoint point, double seconds)
    {
        if (point.Values is { } values)
        {
            return [("p50", Quantile(metric, values, 0.5)), ("p99", Quantile(metric, values, 0.99)), ("n/s", Number(values.Count / seconds))];
        }

        double value = metric.Kind == MetricKind.Counter ? point.Value / seconds : point.Value;
        return [("", (metric.Kind, metric.Unit) switch
        {
            // Seconds that tasks waited in a second: so many waited on average.
            _ when metric == MetricTable.CGroupRunQueueTime => Number(value),
            (MetricKind.Counter, "s") or (_, "1") => new Cell(Units.Percent(value), value),
            (_, "By" or "By/s") => new Cell(Units.Bytes(value), value),
            (MetricKind.Gauge, "s") => new Cell(Units.Time(value), value),
            _ => Number(value),
        })];
    }

    private static Cell Number(double value) => new(Units.Number(value), value);

    private static Cell Quantile(Metric metric, Exp2Histogram values, double share)
    {
        double value = values.Percentile(share);
        return values.Count == 0 ? Cell.None : new Cell(metric.Unit == "s" ? Units.Time(value) : Units.Bytes(value), value);
    }

    private static string RowName(Metric metric, FigurePoint point)
        => Join(metric.Attributes.Select((attribute, index) => s_columns.Contains(attribute) ? null : point.Labels[index] ?? "?"));

    private static string ColumnPrefix(Metric metric, FigurePoint point)
        => Join(metric.Attributes.Select((attribute, index) => s_columns.Contains(attribute) ? Short(point.Labels[index]) : null));

    private static string? Short(string? label) => label switch { "receive" => "rx", "transmit" => "tx", _ => label };

    private static IEnumerable<string> RowAttributes(Metric metric)
        => metric.Attributes.Where(static attribute => !s_columns.Contains(attribute)).Select(static attribute => s_rows.GetValueOrDefault(attribute) ?? attribute[(attribute.LastIndexOf('.') + 1)..]);

    private static string LastPart(Metric metric)
    {
        string last = metric.Name[(metric.Name.LastIndexOf('.') + 1)..].Replace('_', ' ');
        return metric.Kind == MetricKind.Counter && metric.Unit is not "s" ? last + "/s" : last;
    }

    private static string Join(params IEnumerable<string?> parts) => string.Join(' ', parts.Where(static part => !string.IsNullOrEmpty(part)));
}
