using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Tests.Unit.Monitoring.Series;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Figures;

/// <summary>Readings of a machine with 10,000 cgroups, whose order by size changes.</summary>
public sealed class LargestGroupsTests : IFigureSink
{
    private const int Groups = 10_000;
    private const int ReadingsUntilRemoved = 300;

    private static readonly DateTimeOffset s_time = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly Metric[] s_metrics = [MetricTable.CGroupTaskTime, MetricTable.CGroupSwitches, MetricTable.CGroupRunQueueTime];

    private readonly Dictionary<(Metric Metric, string Path), double> _points = [];

    void IFigureSink.Add(Metric metric, double value, in MetricLabels labels)
    {
        if (s_metrics.Contains(metric))
        {
            _points.Add((metric, labels.First!), value);
        }
    }

    void IFigureSink.Set(Metric metric, double value, in MetricLabels labels)
    {
    }

    void IFigureSink.Add(Metric metric, Exp2Histogram values, in MetricLabels labels)
    {
    }

    /// <summary>What the JSON has.</summary>
    [Fact]
    public void A_reading_names_the_largest_and_adds_up_the_others()
    {
        CpuReading reading = NewReading();
        Fill(reading, busiest: 4321);
        reading.Report(this);

        Assert.Equal(s_metrics.Length * (LargestGroups.Most + 1), _points.Count);
        CpuCGroupFigures[] bySize = [.. reading.CGroups.OrderByDescending(static group => group.TaskTimeNs)];
        Assert.Equal("/group4321", bySize[0].Path);
        Assert.All(bySize.Take(LargestGroups.Most), group => Assert.Equal(group.TaskTimeNs / 1e9, _points[(MetricTable.CGroupTaskTime, group.Path!)]));
        Assert.Equal(bySize.Skip(LargestGroups.Most).Sum(static group => (double)group.Switches), _points[(MetricTable.CGroupSwitches, "other")]);
        Assert.Equal(bySize.Sum(static group => group.RunQueueTimeNs / 1e9), Total(MetricTable.CGroupRunQueueTime), 6);

        double Total(Metric metric) => _points.Where(point => point.Key.Metric == metric).Sum(static point => point.Value);
    }

    [Fact]
    public void A_cgroup_without_a_name_is_one_of_the_others()
    {
        CpuReading reading = NewReading();
        reading.AddCGroup(1, "/a").Switches = 1;
        reading.AddCGroup(2, null).Switches = 2;
        reading.AddCGroup(3, null).Switches = 4;
        reading.Report(this);
        Assert.Equal((1.0, 6.0, 6), (_points[(MetricTable.CGroupSwitches, "/a")], _points[(MetricTable.CGroupSwitches, "other")], _points.Count));
    }

    /// <summary>What Prometheus and OTLP have: which cgroups are the largest changes in each reading, and nothing goes down or is lost.</summary>
    [Theory]
    [InlineData(MetricStore.LowestLimit)]
    [InlineData(MetricStore.DefaultLimit)]
    [InlineData(MetricStore.HighestLimit)]
    public void No_counter_goes_down_when_other_cgroups_become_the_largest(int limit)
    {
        var store = new MetricStore(limit);
        CpuReading reading = NewReading();
        var before = new Dictionary<(Metric Metric, string Path), (double Value, DateTimeOffset Start)>();
        double expected = 0;
        for (int i = 0; i < ReadingsUntilRemoved + 50; i++)
        {
            reading.Clear();
            Fill(reading, busiest: i * 37);
            expected += reading.CGroups.Sum(static group => (double)group.Switches);
            Add(store, reading);

            Assert.True(store.Active <= limit);
            Assert.Equal(expected, MetricStoreTests.Family(store, MetricTable.CGroupSwitches).Series.Sum(static series => series.Value));
            foreach (Metric metric in s_metrics)
            {
                foreach (MetricSeries series in MetricStoreTests.Family(store, metric).Series)
                {
                    (double value, DateTimeOffset start) = before.GetValueOrDefault((metric, series.Labels.First!));
                    Assert.True(series.Value >= value || series.Start > start, $"{metric.Name} of {series.Labels.First} fell from {value} to {series.Value}");
                    before[(metric, series.Labels.First!)] = (series.Value, series.Start);
                }
            }
        }
    }

    /// <summary>With fewer series than cgroups, those that were the largest first do not keep their place for ever.</summary>
    [Fact]
    public void The_largest_cgroups_have_series_of_their_own_before_long()
    {
        var store = new MetricStore();
        CpuReading reading = NewReading();
        Fill(reading, busiest: 0);
        Add(store, reading);
        MetricFamily family = MetricStoreTests.Family(store, MetricTable.CGroupTaskTime);
        int own = family.Series.Count - 1;
        Assert.InRange(own, 20, LargestGroups.Most);
        Assert.All(Enumerable.Range(0, own), rank => Assert.NotNull(family.Find(new MetricLabels($"/group{rank}"))));

        // All of them go on to run, and others run more.
        reading.Clear();
        Fill(reading, busiest: 5000);
        for (int i = 0; i <= ReadingsUntilRemoved + 1; i++)
        {
            Add(store, reading);
        }

        int now = family.Series.Count - 1;
        Assert.InRange(now, own - 1, own);
        Assert.All(Enumerable.Range(0, now), rank => Assert.NotNull(family.Find(new MetricLabels($"/group{5000 + rank}"))));
    }

    private static CpuReading NewReading() => new([0]);

    /// <summary>The one with the number <paramref name="busiest"/> ran most, the following ones less and less.</summary>
    private static void Fill(CpuReading reading, int busiest)
    {
        for (int i = 0; i < Groups; i++)
        {
            CpuCGroupFigures group = reading.AddCGroup((ulong)i + 1, $"/group{i}");
            int rank = (i - (busiest % Groups) + Groups) % Groups;
            (group.TaskTimeNs, group.Switches, group.RunQueueTimeNs) = ((ulong)(Groups - rank) * 1000, (ulong)(i % 7) + 1, (ulong)rank);
        }

        reading.OrderCGroups();
    }

    private static void Add(MetricStore store, CpuReading reading)
    {
        lock (store.Gate)
        {
            store.Begin(s_time.AddSeconds(store.Sequence));
            reading.Report(store);
            store.End();
        }
    }
}
