using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Keeping;

namespace Hypermesh.Bpf.Monitoring.Series;

/// <summary>
/// The totals that the outputs show, added up from the readings: one series for each metric and set of attributes. A counter never goes down. There are never more series than the limit: once
/// it is reached, new sets of attributes are added to the series of the rest, which is counted. A series that no reading has named for some time, or only behind larger ones, is removed, and
/// its total goes to the series of the rest too, so that sums stay right.
/// </summary>
internal sealed class MetricStore : IFigureSink
{
    internal const int DefaultLimit = 500;
    internal const int LowestLimit = 100;
    internal const int HighestLimit = 10_000;

    private const int ReadingsUntilRemoved = 300;

    /// <summary>The part of the limit that one metric may take, so that a machine with many CPUs or cgroups still has its disks.</summary>
    private const int ShareOfOneMetric = 8;

    /// <summary>The same for a histogram, whose points have many series each.</summary>
    private const int ShareOfOneHistogram = 4;

    /// <summary>The part of the limit that histograms by attributes leave to the others.</summary>
    private const int ShareWithoutHistograms = 5;

    /// <summary>Below this limit, a histogram has every second bound: its counts are as exact, and it takes half the room.</summary>
    private const int LimitForAllBounds = 2000;

    private readonly Dictionary<Metric, MetricFamily> _families = [];
    private readonly MetricFamily[] _ordered;
    private readonly MetricSeries _activeSeries;
    private readonly MetricSeries _limitSeries;
    private readonly MetricSeries _overflowedSeries;
    private readonly int _limit;
    private readonly List<(string Name, byte[] Content)> _unknown = [];
    private bool _claims;

    /// <summary>True while the series of a predecessor are created: they had room together, and were created in another order, so that no metric's share limits them.</summary>
    private bool _restores;
    private DateTimeOffset _previous;

    /// <summary>The series that exist, and the reserved ones of the rest that do not exist yet.</summary>
    private int _taken;
    private int _active;

    internal MetricStore(int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, LowestLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, HighestLimit);
        _limit = limit;
        _previous = Start;
        _ordered = [.. MetricTable.All.Select(metric => new MetricFamily(metric, limit < LimitForAllBounds ? 2 : 1))];
        foreach (MetricFamily family in _ordered)
        {
            _families.Add(family.Metric, family);
        }

        _activeSeries = Find(MetricTable.SeriesActive, default)!;
        _limitSeries = Find(MetricTable.SeriesLimit, default)!;
        _overflowedSeries = Find(MetricTable.SeriesOverflowed, default)!;
        _limitSeries.Value = limit;
    }

    /// <summary>Guards the content: a writer holds it while it reads, the reader of the monitors while it adds.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>The number of the last reading.</summary>
    internal long Sequence { get; private set; }

    /// <summary>The time at which the totals began.</summary>
    internal DateTimeOffset Start { get; private set; } = DateTimeOffset.UtcNow;

    /// <summary>The time of the last reading.</summary>
    internal DateTimeOffset Time { get; private set; }

    /// <summary>All families, in the order of the table; some have no series.</summary>
    internal ReadOnlySpan<MetricFamily> Families => _ordered;

    /// <summary>The number of series that exist.</summary>
    internal int Active => _active;

    public void Add(Metric metric, double value, in MetricLabels labels = default)
    {
        if (Find(metric, labels) is { } series && !_claims && double.IsFinite(value) && value > 0)
        {
            series.Value += value;
        }
    }

    public void Set(Metric metric, double value, in MetricLabels labels = default)
    {
        if (double.IsFinite(value) && Find(metric, labels) is { } series && !_claims)
        {
            series.Value = series.IsRest ? series.Value + value : value;
        }
    }

    public void Add(Metric metric, Exp2Histogram values, in MetricLabels labels = default)
    {
        if (Find(metric, labels) is { } series && !_claims)
        {
            series.Add(values);
        }
    }

    /// <summary>Begins a reading. The caller holds <see cref="Gate"/> until <see cref="End"/>.</summary>
    internal void Begin(DateTimeOffset time)
    {
        Sequence++;
        _previous = Time == default ? Start : Time;
        Time = time;
        foreach (MetricFamily family in _ordered)
        {
            family.Begin();
        }
    }

    /// <summary>
    /// Between the two calls, figures only take room: those without attributes, and those that say how far the others can be trusted. A monitor with many series, read first, then leaves room
    /// for them.
    /// </summary>
    internal void BeginClaims() => _claims = true;

    internal void EndClaims() => _claims = false;

    /// <summary>Ends a reading: removes gauges that it did not set, and series that have not been named for long.</summary>
    internal void End()
    {
        _activeSeries.LastSeen = _limitSeries.LastSeen = _overflowedSeries.LastSeen = Sequence;
        foreach (MetricFamily family in _ordered)
        {
            int before = family.Series.Count * family.SeriesPerPoint;
            _taken -= family.RemoveOld(Sequence, ReadingsUntilRemoved, _previous);
            _active += (family.Series.Count * family.SeriesPerPoint) - before;
        }

        _activeSeries.Value = _active;
    }

    /// <summary>Writes all totals, for the store of a successor. Gauges are not among them.</summary>
    internal void Save(ref StateWriter into)
    {
        into.Write(Start.UtcTicks);
        into.Write((Time == default ? Start : Time).UtcTicks);
        foreach (MetricFamily family in _ordered)
        {
            if (family.Metric.Kind != MetricKind.Gauge && family.Series.Count > 0)
            {
                into.Write(family.Metric.Name);
                int part = into.Begin();
                family.Save(ref into, Sequence);
                into.End(part);
            }
        }

        foreach ((string name, byte[] content) in _unknown)
        {
            into.Write(name);
            into.WriteAll<byte>(content);
        }

        into.Write((string?)null);
    }

    /// <summary>Begins with the totals of a predecessor. Those of metrics that this version does not have are kept for the next one that has them.</summary>
    /// <exception cref="InvalidDataException">Another version wrote them in another way.</exception>
    internal void Restore(StateReader from)
    {
        Start = from.ReadTime();
        Time = _previous = from.ReadTime();
        _restores = true;
        while (from.ReadText() is { } name)
        {
            ReadOnlyMemory<byte> content = from.ReadBytes();
            if (Array.Find(_ordered, family => family.Metric.Name == name && family.Metric.Kind != MetricKind.Gauge) is { } family)
            {
                family.Restore(new StateReader(content), labels => Find(family.Metric, labels));
            }
            else
            {
                _unknown.Add((name, content.ToArray()));
            }
        }

        _restores = false;
    }

    /// <summary>Hands the figures about the store itself to a sink.</summary>
    internal void ReportItself(IFigureSink sink)
    {
        sink.Set(MetricTable.SeriesActive, _activeSeries.Value);
        sink.Set(MetricTable.SeriesLimit, _limit);
        sink.Add(MetricTable.SeriesOverflowed, _overflowedSeries.Value);
    }

    private MetricSeries? Find(Metric metric, in MetricLabels given)
    {
        MetricFamily family = _families[metric];
        MetricLabels labels = given.Complete(metric.Attributes.Length);
        MetricSeries? series = family.Find(labels) ?? Create(family, labels);
        if (series is not null && !_claims)
        {
            family.Name(series, labels, Sequence);
        }

        return series;
    }

    private MetricSeries? Create(MetricFamily family, in MetricLabels labels)
    {
        Metric metric = family.Metric;
        int size = family.SeriesPerPoint;
        if (metric.Attributes.Length == 0 || family.IsEssential)
        {
            return TryTake(size, _limit) ? Create(family, labels, size) : Cut();
        }

        if (_claims)
        {
            // A histogram has at least the series of the rest.
            family.HasRoomForRest |= metric.Kind == MetricKind.Histogram && !family.HasRoomForRest && TryTake(size, _limit);
            return null;
        }

        bool isHistogram = metric.Kind == MetricKind.Histogram;
        bool fitsShare = _restores || (family.Series.Count + 1) * size <= Math.Max(size, _limit / (isHistogram ? ShareOfOneHistogram : ShareOfOneMetric));
        int reserved = family.HasRoomForRest || !metric.IsAdditive ? 0 : size;
        if (labels != family.RestLabels && fitsShare && TryTake(size + reserved, isHistogram && !_restores ? _limit - (_limit / ShareWithoutHistograms) : _limit))
        {
            family.HasRoomForRest |= metric.IsAdditive;
            return Create(family, labels, size);
        }

        if (labels != family.RestLabels)
        {
            Cut();
        }

        if (!metric.IsAdditive)
        {
            return null;
        }

        if (family.Find(family.RestLabels) is { } rest)
        {
            return rest;
        }

        if (!family.HasRoomForRest && !TryTake(size, _limit))
        {
            return null;
        }

        family.HasRoomForRest = true;
        return Create(family, family.RestLabels, size);
    }

    private bool TryTake(int size, int limit)
    {
        bool fits = _taken + size <= limit;
        _taken += fits ? size : 0;
        return fits;
    }

    private MetricSeries Create(MetricFamily family, in MetricLabels labels, int size)
    {
        _active += size;
        MetricSeries series = family.Create(labels, _previous);
        series.LastSeen = Sequence;
        return series;
    }

    private MetricSeries? Cut()
    {
        _overflowedSeries.Value += _claims ? 0 : 1;
        return null;
    }
}
