using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Hooks;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>Copies the last reading of monitors that run.</summary>
internal sealed class SnapshotTaker : IFigureSink
{
    private readonly string _kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
    private Dictionary<string, Figure> _figures = [];

    public void Add(Metric metric, double value, in MetricLabels labels = default) => PointsOf(metric).Add(new FigurePoint(labels.Complete(metric.Attributes.Length), value, null));

    public void Set(Metric metric, double value, in MetricLabels labels = default) => PointsOf(metric).Add(new FigurePoint(labels.Complete(metric.Attributes.Length), value, null));

    public void Add(Metric metric, Exp2Histogram values, in MetricLabels labels = default)
    {
        Exp2Histogram copy = values.NewOfSameSlots();
        copy.Add(values);
        PointsOf(metric).Add(new FigurePoint(labels.Complete(metric.Attributes.Length), 0, copy));
    }

    internal Snapshot Take(IEnumerable<MonitorSlot> monitors) => new(DateTimeOffset.Now, Environment.MachineName, _kernel, [.. monitors.Select(Take)]);

    private MonitorSnapshot Take(MonitorSlot slot)
    {
        // The order of the JSON: those that are absent come last.
        HookSnapshot[] hooks = [.. (slot.Monitor?.Hooks ?? []).OrderBy(static hook => hook.State == HookState.Absent)
            .Select(static hook => new HookSnapshot(hook.Name, hook.State, hook.Source?.Name(), hook.Reason, hook.Fired, hook.Expected))];
        var snapshot = new MonitorSnapshot(slot.Name, slot.Condition, slot.Reason, hooks);
        if (!slot.HasReading)
        {
            return snapshot;
        }

        MonitorReading reading = slot.Reading!;
        _figures = [];
        reading.Report(this);
        return snapshot with
        {
            StartNs = reading.StartNs,
            EndNs = reading.EndNs,
            Dropped = reading.Dropped,
            Missed = reading.Missed,
            Error = reading.ErrorShare,
            Figures = InOrder(_figures),
        };
    }

    // A reading may name a metric in several places; the outputs have the order of the table.
    private static Dictionary<string, Figure> InOrder(Dictionary<string, Figure> figures)
    {
        var ordered = new Dictionary<string, Figure>(StringComparer.Ordinal);
        foreach (Metric metric in MetricTable.All)
        {
            if (figures.TryGetValue(metric.Name, out Figure? figure))
            {
                ordered.Add(metric.Name, figure);
            }
        }

        return ordered;
    }

    private List<FigurePoint> PointsOf(Metric metric)
    {
        if (!_figures.TryGetValue(metric.Name, out Figure? figure))
        {
            _figures.Add(metric.Name, figure = new Figure(metric, []));
        }

        return figure.Points;
    }
}
