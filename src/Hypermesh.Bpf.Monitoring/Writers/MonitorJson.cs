using System.Text.Json;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Series;

namespace Hypermesh.Bpf.Monitoring.Writers;

/// <summary>Writes the last reading of all monitors as one object. The guide "monitors" has the fields; <see cref="Schema"/> changes when one of them changes its meaning or goes.</summary>
internal sealed class MonitorJson(string procFs) : IFigureSink
{
    internal const string Schema = "hypermesh.monitors/1";

    private readonly string _kernel = ReadLine(procFs, "sys/kernel/osrelease");
    private readonly string _bootId = ReadLine(procFs, "sys/kernel/random/boot_id");
    private readonly string? _note = PidNamespace.Note(procFs);
    private readonly Dictionary<Metric, List<Point>> _points = [];

    public void Add(Metric metric, double value, in MetricLabels labels = default) => PointsOf(metric).Add(new Point(labels.Complete(metric.Attributes.Length), value, null));

    public void Set(Metric metric, double value, in MetricLabels labels = default) => PointsOf(metric).Add(new Point(labels.Complete(metric.Attributes.Length), value, null));

    public void Add(Metric metric, Exp2Histogram values, in MetricLabels labels = default) => PointsOf(metric).Add(new Point(labels.Complete(metric.Attributes.Length), 0, values));

    /// <summary>Writes the object. The caller holds the lock of the readings.</summary>
    /// <param name="slots">The monitors.</param>
    /// <param name="store">The totals, for the figures about the other outputs.</param>
    /// <param name="writer">Receives the object.</param>
    /// <param name="further">Writes further properties at its end; null for none.</param>
    internal void Write(IReadOnlyList<MonitorSlot> slots, MetricStore store, Utf8JsonWriter writer, Action<Utf8JsonWriter>? further)
    {
        writer.WriteStartObject();
        writer.WriteString("schema", Schema);
        writer.WriteString("time", store.Time);
        writer.WriteNumber("sequence", store.Sequence);
        writer.WriteString("host", Environment.MachineName);
        writer.WriteString("kernel", _kernel);
        writer.WriteString("bootId", _bootId);
        writer.WriteString("note", _note);
        writer.WriteStartArray("monitors");
        foreach (MonitorSlot slot in slots)
        {
            Write(slot, writer);
        }

        writer.WriteEndArray();
        WriteStore(store, writer);
        further?.Invoke(writer);
        writer.WriteEndObject();
    }

    // How many series the other outputs have.
    private void WriteStore(MetricStore store, Utf8JsonWriter writer)
    {
        foreach (List<Point> points in _points.Values)
        {
            points.Clear();
        }

        store.ReportItself(this);
        WriteFigures(writer);
    }

    private void Write(MonitorSlot slot, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", slot.Name);
        writer.WriteString("condition", slot.Condition.Name());
        writer.WriteString("reason", slot.Reason);
        writer.WriteStartArray("hooks");
        IReadOnlyList<MonitorHook> hooks = slot.Monitor?.Hooks ?? [];
        foreach (MonitorHook hook in hooks)
        {
            if (hook.State != HookState.Absent)
            {
                Write(hook, writer);
            }
        }

        writer.WriteEndArray();
        writer.WriteStartArray("absentHooks");
        foreach (MonitorHook hook in hooks)
        {
            if (hook.State == HookState.Absent)
            {
                writer.WriteStartObject();
                writer.WriteString("name", hook.Name);
                writer.WriteString("reason", hook.Reason);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
        if (slot.HasReading)
        {
            WriteFacts(slot.Reading!, writer);
        }

        WriteFigures(slot, writer);
        writer.WriteEndObject();
    }

    private static void Write(MonitorHook hook, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", hook.Name);
        writer.WriteString("state", hook.State.Name());
        writer.WriteString("source", hook.Source!.Value.Name());
        writer.WriteString("reason", hook.Reason);
        writer.WriteNumber("fired", hook.Fired);
        WriteOptional(writer, "expected", hook.Expected);
        writer.WriteEndObject();
    }

    private static void WriteFacts(MonitorReading reading, Utf8JsonWriter writer)
    {
        writer.WriteNumber("startNs", reading.StartNs);
        writer.WriteNumber("endNs", reading.EndNs);
        writer.WriteNumber("dropped", reading.Dropped);
        writer.WriteNumber("missed", reading.Missed);
        if (reading.ErrorShare is { } error)
        {
            writer.WriteNumber("error", error);
        }
        else
        {
            writer.WriteNull("error");
        }

        writer.WriteStartArray("groundTruth");
        foreach (GroundTruth truth in reading.GroundTruths)
        {
            writer.WriteStartObject();
            writer.WriteString("figure", truth.Figure);
            writer.WriteString("source", truth.Source);
            writer.WriteNumber("measured", truth.Measured);
            writer.WriteNumber("low", truth.Low);
            writer.WriteNumber("high", truth.High);
            writer.WriteNumber("error", truth.Error);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteOptional(writer, "costNs", reading.CostNs);
        WriteOptional(writer, "costRuns", reading.CostRuns);
    }

    // The same metrics as in the other outputs, those of the facts above included.
    private void WriteFigures(MonitorSlot slot, Utf8JsonWriter writer)
    {
        foreach (List<Point> points in _points.Values)
        {
            points.Clear();
        }

        TrustFigures.Report(slot, this);
        if (slot.HasReading)
        {
            slot.Reading!.Report(this);
        }

        WriteFigures(writer);
    }

    private void WriteFigures(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("figures");
        foreach (Metric metric in MetricTable.All)
        {
            if (_points.TryGetValue(metric, out List<Point>? points) && points.Count > 0)
            {
                Write(metric, points, writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void Write(Metric metric, List<Point> points, Utf8JsonWriter writer)
    {
        writer.WriteStartObject(metric.Name);
        writer.WriteString("kind", metric.Kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "histogram" });
        writer.WriteString("unit", metric.Unit);
        writer.WriteStartArray("points");
        foreach (Point point in points)
        {
            writer.WriteStartObject();
            for (int i = 0; i < metric.Attributes.Length; i++)
            {
                writer.WriteString(metric.Attributes[i], point.Labels[i]);
            }

            if (point.Histogram is { } histogram)
            {
                Write(histogram, writer);
            }
            else
            {
                writer.WriteNumber("value", point.Value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Exp2Histogram histogram, Utf8JsonWriter writer)
    {
        writer.WriteNumber("count", histogram.Count);
        writer.WriteNumber("sum", histogram.Sum);
        if (histogram.Count > 0)
        {
            writer.WriteNumber("p50", histogram.Percentile(0.5));
            writer.WriteNumber("p90", histogram.Percentile(0.9));
            writer.WriteNumber("p99", histogram.Percentile(0.99));
        }

        writer.WriteStartArray("slots");
        for (int slot = 0; slot < histogram.Slots.Length; slot++)
        {
            if (histogram.Slots[slot] > 0)
            {
                writer.WriteStartObject();
                writer.WriteNumber("upTo", histogram.UpperBound(slot));
                writer.WriteNumber("count", histogram.Slots[slot]);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, ulong? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private List<Point> PointsOf(Metric metric)
    {
        if (!_points.TryGetValue(metric, out List<Point>? points))
        {
            _points.Add(metric, points = []);
        }

        return points;
    }

    private static string ReadLine(string procFs, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(procFs, file)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>One value of a metric.</summary>
    private readonly record struct Point(MetricLabels Labels, double Value, Exp2Histogram? Histogram);
}
