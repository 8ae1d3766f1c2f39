using System.Text;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Keeping;

namespace Hypermesh.Bpf.Monitoring.Series;

/// <summary>All series of one metric.</summary>
internal sealed class MetricFamily(Metric metric, int boundStep)
{
    private readonly Dictionary<MetricLabels, MetricSeries> _byLabels = [];
    private readonly List<MetricSeries> _series = [];

    /// <summary>The number of sets of attributes that the present reading has named so far.</summary>
    private int _named;

    /// <summary>The number of series that are not of the rest.</summary>
    private int _own;

    internal Metric Metric => metric;

    /// <summary>The series, in the order in which they appeared.</summary>
    internal List<MetricSeries> Series => _series;

    /// <summary>The exponents of a histogram's bounds in the outputs; empty for others.</summary>
    internal int[] Exponents { get; } = metric.BoundExponents(boundStep);

    /// <summary>The number of series that one set of attributes has in Prometheus: for a histogram each bound, the infinite one, sum and count.</summary>
    internal int SeriesPerPoint => metric.Kind == MetricKind.Histogram ? Exponents.Length + 3 : 1;

    /// <summary>True for what says how far the figures can be trusted: it is never cut.</summary>
    internal bool IsEssential { get; } = metric.Attributes.Contains(MetricTable.Monitor, StringComparer.Ordinal);

    /// <summary>The labels of the series of what has no series of its own.</summary>
    internal MetricLabels RestLabels { get; } = MetricLabels.AllOf(MetricLabels.Rest, metric.Attributes.Length);

    /// <summary>True once the limit has room for the series of the rest, whether or not it exists.</summary>
    internal bool HasRoomForRest { get; set; }

    internal MetricSeries? Find(in MetricLabels labels) => _byLabels.GetValueOrDefault(labels);

    internal MetricSeries Create(in MetricLabels labels, DateTimeOffset start)
    {
        var series = new MetricSeries(metric, labels, start);
        _byLabels.Add(labels, series);
        _series.Add(series);
        _own += series.IsRest ? 0 : 1;
        return series;
    }

    /// <summary>
    /// Records that a reading named a series, or by other attributes that of the rest. What has more sets of attributes than series, as cgroups do, is named in the order of its size, so a
    /// counter that is named behind as many others as have series is not one of the largest: it ages as if it was silent, and makes room for one that is.
    /// </summary>
    internal void Name(MetricSeries series, in MetricLabels labels, long sequence)
    {
        if (series.LastNamed != sequence || series.Labels != labels)
        {
            series.LastNamed = sequence;
            _named += labels.First == MetricLabels.Rest ? 0 : 1;
            series.LastSeen = metric.Kind == MetricKind.Gauge || _named <= _own ? sequence : series.LastSeen;
        }
    }

    /// <summary>Begins a reading. Gauges of the rest are sums over one reading.</summary>
    internal void Begin()
    {
        _named = 0;
        if (metric.Kind == MetricKind.Gauge)
        {
            foreach (MetricSeries series in _series)
            {
                series.Value = series.IsRest ? 0 : series.Value;
            }
        }
    }

    /// <summary>
    /// Removes what was not named: a gauge at once, a counter after some readings, also one that was not among the largest; its total goes to the rest. Counters that say how far the figures can be trusted, and those without attributes, stay.
    /// Returns the number of series that are free again.
    /// </summary>
    internal int RemoveOld(long sequence, int patience, DateTimeOffset time)
    {
        int removed = 0;
        for (int i = _series.Count - 1; i >= 0; i--)
        {
            MetricSeries series = _series[i];
            long silent = sequence - series.LastSeen;
            bool isOld = metric.Kind == MetricKind.Gauge ? silent > 0 : silent > patience && !IsEssential && !series.IsRest && metric.Attributes.Length > 0;
            if (isOld)
            {
                removed += Remove(series, i, time);
            }
        }

        return removed;
    }

    /// <summary>Writes all series, with how long each has been silent.</summary>
    internal void Save(ref StateWriter into, long sequence)
    {
        into.Write(metric.Attributes.Length);
        into.Write(_series.Count);
        foreach (MetricSeries series in _series)
        {
            for (int i = 0; i < metric.Attributes.Length; i++)
            {
                into.Write(series.Labels[i]);
            }

            into.Write(sequence - series.LastSeen);
            series.Save(ref into);
        }
    }

    /// <summary>Begins with what <see cref="Save"/> has written. A series for which there is no room is added to that of the rest.</summary>
    internal void Restore(StateReader from, Func<MetricLabels, MetricSeries?> find)
    {
        int attributes = from.Read<int>();
        for (int left = from.Read<int>(); left > 0; left--)
        {
            var labels = new MetricLabels(attributes > 0 ? from.ReadText() : null, attributes > 1 ? from.ReadText() : null, attributes > 2 ? from.ReadText() : null);
            long silent = from.Read<long>();
            var kept = MetricSeries.Restore(metric, labels, from);
            if (find(attributes == metric.Attributes.Length ? labels : RestLabels) is { } series)
            {
                series.Add(kept);
                series.Start = kept.Start < series.Start ? kept.Start : series.Start;
                series.LastSeen = -silent;
            }
        }
    }

    // The room for the series of the rest was taken together with that of the first series, and is kept.
    private int Remove(MetricSeries series, int index, DateTimeOffset time)
    {
        _series.RemoveAt(index);
        _byLabels.Remove(series.Labels);
        _own -= series.IsRest ? 0 : 1;
        if (metric.Kind == MetricKind.Gauge)
        {
            return metric.Attributes.Length > 0 && series.Labels == RestLabels ? 0 : SeriesPerPoint;
        }

        MetricSeries? rest = Find(RestLabels);
        rest ??= Create(RestLabels, time);
        rest.Add(series);
        return SeriesPerPoint;
    }
}

/// <summary>The total of one metric for one set of attributes.</summary>
internal sealed class MetricSeries
{
    private KeyValuePair<string, object?>[]? _tags;

    internal MetricSeries(Metric metric, in MetricLabels labels, DateTimeOffset start)
    {
        Labels = labels;
        Start = start;
        IsRest = labels.First == MetricLabels.Rest;
        LabelText = Encoding.UTF8.GetBytes(Text(metric, labels));
    }

    internal MetricLabels Labels { get; }

    /// <summary>The attributes as Prometheus writes them, without the braces: <c>cpu="0",kind="a"</c>.</summary>
    internal byte[] LabelText { get; }

    /// <summary>The time at which the total began.</summary>
    internal DateTimeOffset Start { get; set; }

    /// <summary>True for the series of what has no series of its own.</summary>
    internal bool IsRest { get; }

    internal double Value { get; set; }

    internal Exp2Histogram? Histogram { get; private set; }

    /// <summary>The number of the last reading that named it.</summary>
    internal long LastNamed { get; set; }

    /// <summary>The number of the last reading that named it among the largest.</summary>
    internal long LastSeen { get; set; }

    /// <summary>The attributes as instruments have them, made once.</summary>
    internal KeyValuePair<string, object?>[] Tags(Metric metric)
    {
        if (_tags is null)
        {
            _tags = new KeyValuePair<string, object?>[metric.Attributes.Length];
            for (int i = 0; i < _tags.Length; i++)
            {
                _tags[i] = new KeyValuePair<string, object?>(metric.Attributes[i], Labels[i]);
            }
        }

        return _tags;
    }

    internal void Add(Exp2Histogram values)
    {
        Histogram ??= values.NewOfSameSlots();
        Histogram.Add(values);
    }

    internal void Add(MetricSeries other)
    {
        Value += other.Value;
        if (other.Histogram is not null)
        {
            Add(other.Histogram);
        }
    }

    internal void Save(ref StateWriter into)
    {
        into.Write(Start.UtcTicks);
        into.Write(Value);
        into.Write(Histogram is not null);
        Histogram?.Save(ref into);
    }

    internal static MetricSeries Restore(Metric metric, in MetricLabels labels, StateReader from)
        => new(metric, labels, from.ReadTime()) { Value = from.Read<double>(), Histogram = from.Read<bool>() ? Exp2Histogram.Restore(from) : null };

    private static string Text(Metric metric, in MetricLabels labels)
    {
        var text = new StringBuilder();
        for (int i = 0; i < metric.Attributes.Length; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(metric.Attributes[i].Replace('.', '_')).Append("=\"");
            foreach (char c in labels[i] ?? "")
            {
                // Prometheus ends a label at a NUL.
                _ = c switch
                {
                    '\\' => text.Append("\\\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append("\\n"),
                    '\0' => text.Append('\uFFFD'),
                    _ => text.Append(c),
                };
            }

            text.Append('"');
        }

        return text.ToString();
    }
}
