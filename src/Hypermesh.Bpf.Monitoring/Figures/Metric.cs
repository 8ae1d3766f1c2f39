using System.Text;

namespace Hypermesh.Bpf.Monitoring.Figures;

/// <summary>What a metric's values are.</summary>
internal enum MetricKind
{
    /// <summary>A total that only grows.</summary>
    Counter,

    /// <summary>A value that may fall.</summary>
    Gauge,

    /// <summary>Values counted in slots.</summary>
    Histogram,
}

/// <summary>A metric: the same name, unit and attributes in every output.</summary>
/// <param name="Name">OpenTelemetry's name, or one that begins with <c>hypermesh.</c> or <c>bpf.</c></param>
/// <param name="Kind">What its values are.</param>
/// <param name="Unit">The unit in UCUM: <c>s</c>, <c>By</c>, <c>1</c>, <c>{switch}</c>.</param>
/// <param name="Help">What it counts, in one sentence.</param>
/// <param name="Attributes">The names of its attributes, at most three.</param>
internal sealed record Metric(string Name, MetricKind Kind, string Unit, string Help, params string[] Attributes)
{
    /// <summary>The exponent of the lowest bound of a histogram in the outputs: 2^-20 seconds, 512 bytes. It never changes while the process runs.</summary>
    public int LowestExponent { get; init; } = Unit == "s" ? -20 : 9;

    /// <summary>The exponent of the highest finite bound: 2^4 seconds, 16 MiB.</summary>
    public int HighestExponent { get; init; } = Unit == "s" ? 4 : 24;

    /// <summary>Returns the exponents of a histogram's bounds, the lowest first: each of them, or every second, third, … down from the highest. Empty for others.</summary>
    internal int[] BoundExponents(int step)
    {
        if (Kind != MetricKind.Histogram)
        {
            return [];
        }

        int count = ((HighestExponent - LowestExponent) / step) + 1;
        return [.. Enumerable.Range(0, count).Select(i => HighestExponent - ((count - 1 - i) * step))];
    }

    /// <summary>True when values of several sets of attributes may be added up: not those of a gauge such as a temperature or a share.</summary>
    public bool IsAdditive { get; } = Kind != MetricKind.Gauge || Unit is "By" or "W" || Unit.StartsWith('{');

    /// <summary>The name in Prometheus. All of them begin with <c>hypermesh_</c> or <c>bpf_</c>, so that none is node_exporter's or a collector's.</summary>
    public string PrometheusName { get; } = ToPrometheus(Name, Kind, Unit);

    public bool Equals(Metric? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);

    private static string ToPrometheus(string name, MetricKind kind, string unit)
    {
        var text = new StringBuilder();
        if (!name.StartsWith("hypermesh.", StringComparison.Ordinal) && !name.StartsWith("bpf.", StringComparison.Ordinal))
        {
            text.Append("hypermesh_");
        }

        // Prometheus keeps the ending for the counts of histograms.
        string stem = kind == MetricKind.Gauge && name.EndsWith(".count", StringComparison.Ordinal) ? name[..^".count".Length] : name;
        text.Append(stem).Replace('.', '_').Replace('-', '_');
        text.Append(unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "By/s" => "_bytes_per_second",
            "Cel" => "_celsius",
            "W" => "_watts",
            "1" when kind == MetricKind.Gauge => "_ratio",
            _ => "",
        });
        return text.Append(kind == MetricKind.Counter ? "_total" : "").ToString();
    }
}

/// <summary>The values of a metric's attributes, in their order; null for none.</summary>
internal readonly record struct MetricLabels(string? First = null, string? Second = null, string? Third = null)
{
    /// <summary>The value of all attributes in the series of the rest, and of an attribute whose name is not known.</summary>
    internal const string Rest = "other";

    internal string? this[int index] => index switch { 0 => First, 1 => Second, _ => Third };

    /// <summary>These values with "other" for each of a number of attributes that has none: the name of a cgroup that is gone is not known.</summary>
    internal MetricLabels Complete(int count) => new(
        count > 0 ? First ?? Rest : First,
        count > 1 ? Second ?? Rest : Second,
        count > 2 ? Third ?? Rest : Third);

    /// <summary>The same value for a number of attributes.</summary>
    internal static MetricLabels AllOf(string value, int count) => new(count > 0 ? value : null, count > 1 ? value : null, count > 2 ? value : null);
}

/// <summary>Receives the figures of a reading. Counters and histograms are what was added during the reading; gauges are values.</summary>
internal interface IFigureSink
{
    /// <summary>Adds to a counter.</summary>
    void Add(Metric metric, double value, in MetricLabels labels = default);

    /// <summary>Sets a gauge.</summary>
    void Set(Metric metric, double value, in MetricLabels labels = default);

    /// <summary>Adds to a histogram.</summary>
    void Add(Metric metric, Exp2Histogram values, in MetricLabels labels = default);
}
