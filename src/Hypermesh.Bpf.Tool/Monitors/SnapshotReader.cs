using System.Text.Json;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>Reads a snapshot from the JSON of a reading (<see cref="MonitorSet.WriteJson(Utf8JsonWriter)"/>), such as a line of a recording.</summary>
internal static class SnapshotReader
{
    private const string Schema = "hypermesh.monitors/1";
    private const int Slots = 64;

    private static readonly Dictionary<string, Metric> s_known = MetricTable.All.ToDictionary(static metric => metric.Name, StringComparer.Ordinal);

    /// <summary>Reads one object.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <exception cref="FormatException">It is not a reading, or one of another version.</exception>
    internal static Snapshot Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            JsonElement root = document.RootElement;
            string? schema = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("schema", out JsonElement named) ? named.GetString() : null;
            return schema == Schema
                ? new Snapshot(
                    root.GetProperty("time").GetDateTimeOffset(), root.GetProperty("host").GetString()!, root.GetProperty("kernel").GetString()!,
                    [.. root.GetProperty("monitors").EnumerateArray().Select(Monitor)])
                {
                    Processes = root.TryGetProperty("processes", out JsonElement processes) ? ProcessesJson.Read(processes) : null,
                }
                : throw new FormatException(schema is null ? "it is not a reading of hmbpf" : $"it has the schema {schema}, and this version reads {Schema}");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"it is not a reading of hmbpf: {exception.Message}", exception);
        }
    }

    private static MonitorSnapshot Monitor(JsonElement monitor)
    {
        MonitorCondition condition = monitor.GetProperty("condition").GetString() switch
        {
            "ok" => MonitorCondition.Ok,
            "degraded" => MonitorCondition.Degraded,
            _ => MonitorCondition.Refused,
        };
        var snapshot = new MonitorSnapshot(
            monitor.GetProperty("name").GetString()!, condition, monitor.GetProperty("reason").GetString(),
            [.. monitor.GetProperty("hooks").EnumerateArray().Select(Hook), .. monitor.GetProperty("absentHooks").EnumerateArray().Select(AbsentHook)]);
        return !monitor.TryGetProperty("startNs", out JsonElement start) ? snapshot : snapshot with
        {
            StartNs = start.GetInt64(),
            EndNs = monitor.GetProperty("endNs").GetInt64(),
            Dropped = monitor.GetProperty("dropped").GetUInt64(),
            Missed = monitor.GetProperty("missed").GetUInt64(),
            Error = monitor.GetProperty("error") is { ValueKind: JsonValueKind.Number } error ? error.GetDouble() : null,
            Figures = monitor.GetProperty("figures").EnumerateObject().Select(static figure => Figure(figure.Name, figure.Value)).Where(static figure => IsOwn(figure.Metric))
                .ToDictionary(static figure => figure.Metric.Name, StringComparer.Ordinal),
        };
    }

    // The metrics of trust and cost repeat the fields beside them.
    private static bool IsOwn(Metric metric) => metric != MetricTable.StatisticsEnabled && !metric.Attributes.Contains(MetricTable.Monitor, StringComparer.Ordinal);

    private static HookSnapshot Hook(JsonElement hook) => new(
        hook.GetProperty("name").GetString()!,
        hook.GetProperty("state").GetString() switch { "fired" => HookState.Fired, "blind" => HookState.Blind, _ => HookState.Unproven },
        hook.GetProperty("source").GetString(),
        hook.GetProperty("reason").GetString(),
        hook.GetProperty("fired").GetUInt64(),
        hook.GetProperty("expected") is { ValueKind: JsonValueKind.Number } expected ? expected.GetUInt64() : null);

    private static HookSnapshot AbsentHook(JsonElement hook) => new(hook.GetProperty("name").GetString()!, HookState.Absent, null, hook.GetProperty("reason").GetString(), 0, null);

    private static Figure Figure(string name, JsonElement figure)
    {
        Metric metric = s_known.GetValueOrDefault(name) ?? Unknown(name, figure);
        bool isHistogram = metric.Kind == MetricKind.Histogram;
        var points = new List<FigurePoint>();
        foreach (JsonElement point in figure.GetProperty("points").EnumerateArray())
        {
            var labels = new MetricLabels(Label(metric, point, 0), Label(metric, point, 1), Label(metric, point, 2));
            points.Add(isHistogram ? new FigurePoint(labels, 0, Histogram(metric, point)) : new FigurePoint(labels, point.GetProperty("value").GetDouble(), null));
        }

        return new Figure(metric, points);
    }

    // A recording of a later version may have figures that this one does not know.
    private static Metric Unknown(string name, JsonElement figure)
    {
        MetricKind kind = figure.GetProperty("kind").GetString() switch { "counter" => MetricKind.Counter, "gauge" => MetricKind.Gauge, _ => MetricKind.Histogram };
        string[] attributes = figure.GetProperty("points") is { } points && points.GetArrayLength() > 0
            ? [.. points[0].EnumerateObject().Select(static property => property.Name).Where(static attribute => attribute is not ("value" or "count" or "sum" or "p50" or "p90" or "p99" or "slots"))]
            : [];
        return new Metric(name, kind, figure.GetProperty("unit").GetString()!, "", attributes);
    }

    private static string? Label(Metric metric, JsonElement point, int index)
        => index < metric.Attributes.Length && point.TryGetProperty(metric.Attributes[index], out JsonElement label) ? label.GetString() : null;

    private static Exp2Histogram Histogram(Metric metric, JsonElement point)
    {
        bool isTime = metric.Unit == "s";
        Exp2Histogram histogram = isTime ? Exp2Histogram.OfTimes(Slots) : Exp2Histogram.OfSizes(Slots);
        Span<ulong> counts = stackalloc ulong[Slots];
        Span<ulong> none = stackalloc ulong[Slots];
        foreach (JsonElement slot in point.GetProperty("slots").EnumerateArray())
        {
            int index = (int)Math.Round(Math.Log2(slot.GetProperty("upTo").GetDouble())) - histogram.FirstExponent;
            counts[Math.Clamp(index, 0, Slots - 1)] += slot.GetProperty("count").GetUInt64();
        }

        double sum = point.GetProperty("sum").GetDouble();
        histogram.Add(none, 0, counts, (ulong)Math.Round(isTime ? sum * 1e9 : sum));
        return histogram;
    }
}
