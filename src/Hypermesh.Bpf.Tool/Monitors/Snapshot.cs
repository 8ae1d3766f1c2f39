using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>One reading of all monitors, copied: what the screens show. It comes from monitors that run, or from a recording.</summary>
/// <param name="Time">The time of the reading.</param>
/// <param name="Host">The machine's name.</param>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="Monitors">The monitors, in the order of the outputs.</param>
internal sealed record Snapshot(DateTimeOffset Time, string Host, string Kernel, IReadOnlyList<MonitorSnapshot> Monitors)
{
    /// <summary>The busiest processes, of a recording; null when it does not have them.</summary>
    internal ProcessesSnapshot? Processes { get; init; }

    /// <summary>The period of the longest reading in seconds; 0 when no monitor has one.</summary>
    internal double Seconds => Monitors.Count == 0 ? 0 : Monitors.Max(static monitor => monitor.Seconds);

    /// <summary>The time since boot in seconds; 0 when no monitor has a reading.</summary>
    internal double Uptime => Monitors.Count == 0 ? 0 : Monitors.Max(static monitor => monitor.EndNs) / 1e9;

    /// <summary>Finds a monitor; null when it is not in the reading.</summary>
    internal MonitorSnapshot? Find(string name) => Monitors.FirstOrDefault(monitor => monitor.Name == name);
}

/// <summary>What one monitor has read.</summary>
internal sealed record MonitorSnapshot(string Name, MonitorCondition Condition, string? Reason, IReadOnlyList<HookSnapshot> Hooks)
{
    internal long StartNs { get; init; }

    internal long EndNs { get; init; }

    /// <summary>The period in seconds; 0 when the monitor has no reading.</summary>
    internal double Seconds => (EndNs - StartNs) / 1e9;

    internal ulong Dropped { get; init; }

    internal ulong Missed { get; init; }

    /// <summary>The greatest error against a kernel counter; null when there is nothing to compare with.</summary>
    internal double? Error { get; init; }

    /// <summary>The figures by the names of their metrics, in the order of the outputs.</summary>
    internal IReadOnlyDictionary<string, Figure> Figures { get; init; } = new Dictionary<string, Figure>();

    /// <summary>The sum of a figure's points per second; null when the monitor does not have the figure.</summary>
    internal double? Rate(Metric metric, string? first = null, string? second = null) => Find(metric) is { } figure && Seconds > 0 ? figure.Sum(first, second) / Seconds : null;

    /// <summary>The sum of a figure's points; null when the monitor does not have the figure.</summary>
    internal double? Sum(Metric metric, string? first = null) => Find(metric)?.Sum(first);

    /// <summary>All values of a histogram together; null when there are none.</summary>
    internal Exp2Histogram? Values(Metric metric, string? third = null) => Find(metric)?.Merge(third);

    private Figure? Find(Metric metric) => Figures.GetValueOrDefault(metric.Name);
}

/// <summary>A hook of a monitor.</summary>
internal sealed record HookSnapshot(string Name, HookState State, string? Source, string? Reason, ulong Fired, ulong? Expected);

/// <summary>One figure of a monitor: a point for each set of attributes.</summary>
internal sealed record Figure(Metric Metric, List<FigurePoint> Points)
{
    /// <summary>The sum of the points, of one value of the first and the second attribute where given.</summary>
    internal double Sum(string? first = null, string? second = null)
    {
        double sum = 0;
        foreach (FigurePoint point in Points)
        {
            sum += (first is null || point.Labels.First == first) && (second is null || point.Labels.Second == second) ? point.Value : 0;
        }

        return sum;
    }

    /// <summary>All histograms together, of one value of the third attribute where given; null when there are none.</summary>
    internal Exp2Histogram? Merge(string? third = null)
    {
        Exp2Histogram? all = null;
        foreach (FigurePoint point in Points)
        {
            if (point.Values is { } values && (third is null || point.Labels.Third == third))
            {
                all ??= values.NewOfSameSlots();
                all.Add(values);
            }
        }

        return all;
    }

    /// <summary>The point with the greatest sum over one attribute; null when all are zero.</summary>
    internal (string Label, double Value)? Greatest()
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (FigurePoint point in Points)
        {
            string label = point.Labels.First ?? "";
            sums[label] = sums.GetValueOrDefault(label) + point.Value;
        }

        return sums.Count == 0 || sums.MaxBy(static one => one.Value) is not { Value: > 0 } greatest ? null : (greatest.Key, greatest.Value);
    }
}

/// <summary>One value, or one histogram, of a figure.</summary>
internal readonly record struct FigurePoint(MetricLabels Labels, double Value, Exp2Histogram? Values);
