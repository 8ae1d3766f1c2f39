using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.Series;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Series;

public sealed class MetricStoreTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_counter_adds_up_its_readings()
    {
        var store = new MetricStore();
        Read(store, static sink => sink.Add(MetricTable.ContextSwitches, 5, new MetricLabels("0")));
        Read(store, static sink => sink.Add(MetricTable.ContextSwitches, 7, new MetricLabels("0")));

        Assert.Equal(12, Value(store, MetricTable.ContextSwitches, new MetricLabels("0")));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-3.0)]
    public void A_counter_never_goes_down_and_never_becomes_something_else(double value)
    {
        var store = new MetricStore();
        Read(store, static sink => sink.Add(MetricTable.ProcessExecs, 5));
        Read(store, sink => sink.Add(MetricTable.ProcessExecs, value));

        Assert.Equal(5, Value(store, MetricTable.ProcessExecs));
    }

    [Fact]
    public void Totals_go_on_in_the_store_of_a_successor()
    {
        var store = new MetricStore();
        Exp2Histogram times = Exp2Histogram.OfTimes(40);
        times.Add(new ulong[40], 0, [.. Enumerable.Repeat(2UL, 40)], 5_000_000_000);
        Read(store, sink =>
        {
            sink.Add(MetricTable.ContextSwitches, 5, new MetricLabels("0"));
            sink.Add(MetricTable.ProcessExecs, 3);
            sink.Add(MetricTable.RunQueueLatency, times);
            sink.Set(MetricTable.MonitorState, 1, new MetricLabels("cpu", "ok"));
        });

        var next = new MetricStore();
        next.Restore(Saved(store));
        Assert.Equal((store.Start, 3.0), (next.Start, Value(next, MetricTable.ProcessExecs)));
        Read(next, sink =>
        {
            sink.Add(MetricTable.ContextSwitches, 7, new MetricLabels("0"));
            sink.Add(MetricTable.RunQueueLatency, times);
        });
        Assert.Equal(12, Value(next, MetricTable.ContextSwitches, new MetricLabels("0")));
        MetricSeries latency = next.Families.ToArray().Single(static family => family.Metric == MetricTable.RunQueueLatency).Series.Single();
        Assert.Equal((160UL, 10.0), (latency.Histogram!.Count, latency.Histogram.Sum));

        // A gauge is what it was at a reading.
        Assert.Empty(next.Families.ToArray().Single(static family => family.Metric == MetricTable.MonitorState).Series);
    }

    [Fact]
    public void Totals_of_a_metric_that_this_version_does_not_have_are_there_for_the_next_one()
    {
        var store = new MetricStore();
        Read(store, static sink => sink.Add(MetricTable.ProcessExecs, 3));
        byte[] state = SavedBytes(store);
        byte[] name = System.Text.Encoding.UTF8.GetBytes(MetricTable.ProcessExecs.Name), other = System.Text.Encoding.UTF8.GetBytes(MetricTable.ProcessExecs.Name[..^1] + "X");
        void Rename(byte[] from, byte[] to) => to.CopyTo(state, state.AsSpan().IndexOf(from));

        Rename(name, other);
        var older = new MetricStore();
        older.Restore(new StateReader(state));
        Assert.Empty(older.Families.ToArray().Single(static family => family.Metric == MetricTable.ProcessExecs).Series);
        state = SavedBytes(older);
        Rename(other, name);
        var newer = new MetricStore();
        newer.Restore(new StateReader(state));
        Assert.Equal(3, Value(newer, MetricTable.ProcessExecs));
    }

    [Fact]
    public void A_successor_with_less_room_loses_nothing_of_a_sum()
    {
        var store = new MetricStore(MetricStore.HighestLimit);
        Read(store, static sink =>
        {
            for (int cpu = 0; cpu < 500; cpu++)
            {
                sink.Add(MetricTable.ContextSwitches, 2, new MetricLabels($"{cpu}"));
            }
        });
        var next = new MetricStore(MetricStore.LowestLimit);
        next.Restore(Saved(store));

        List<MetricSeries> series = next.Families.ToArray().Single(static family => family.Metric == MetricTable.ContextSwitches).Series;
        Assert.True(series.Count < 100);
        Assert.Equal(1000, series.Sum(static one => one.Value));
    }

    [Theory]
    [InlineData(MetricStore.LowestLimit)]
    [InlineData(MetricStore.DefaultLimit)]
    [InlineData(MetricStore.HighestLimit)]
    public void There_are_never_more_series_than_the_limit_and_nothing_of_a_sum_is_lost(int limit)
    {
        var store = new MetricStore(limit);
        int groups = limit * 2;
        var totals = new Dictionary<Metric, double>();
        double expected = 0;
        for (int reading = 0; reading < 5; reading++)
        {
            Read(store, sink =>
            {
                for (int i = 0; i < groups; i++)
                {
                    string name = $"/group{(i * 7919) + (reading * 31)}";
                    sink.Add(MetricTable.CGroupTaskTime, 0.5, new MetricLabels(name));
                    sink.Add(MetricTable.DiskDuration, OneValue(), new MetricLabels(name, "read", "queue"));
                    sink.Set(MetricTable.CGroupMemoryUsage, 100, new MetricLabels(name));
                    sink.Set(MetricTable.GpuTemperature, 50, new MetricLabels(name));
                }
            });
            expected += groups * 0.5;

            Assert.True(store.Active <= limit, $"{store.Active} series of {limit}");
            Assert.Equal(Count(store), store.Active);
            Assert.Equal(expected, Sum(store, MetricTable.CGroupTaskTime), 6);
            Assert.Equal((ulong)((reading + 1) * groups), Histograms(store, MetricTable.DiskDuration));
            Assert.Equal(groups * 100.0, Sum(store, MetricTable.CGroupMemoryUsage));
            foreach (MetricFamily family in store.Families)
            {
                if (family.Metric.Kind == MetricKind.Counter)
                {
                    double total = Sum(store, family.Metric);
                    Assert.True(total >= totals.GetValueOrDefault(family.Metric), $"{family.Metric.Name} went down to {total}");
                    totals[family.Metric] = total;
                }
            }
        }

        Assert.True(Value(store, MetricTable.SeriesOverflowed) > 0);
        Assert.Equal(limit, Value(store, MetricTable.SeriesLimit));
        Assert.DoesNotContain(Family(store, MetricTable.GpuTemperature).Series, static series => series.Value > 50);
    }

    [Fact]
    public void One_metric_with_many_series_leaves_room_for_the_others()
    {
        var store = new MetricStore();
        Read(store, static sink =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                sink.Add(MetricTable.CGroupTaskTime, 1, new MetricLabels($"/group{i}"));
            }

            sink.Add(MetricTable.DiskBytes, 1, new MetricLabels("vda", "read"));
        });

        Assert.NotNull(Family(store, MetricTable.DiskBytes).Find(new MetricLabels("vda", "read")));
    }

    [Fact]
    public void What_says_how_far_figures_can_be_trusted_has_its_room_before_a_monitor_with_many_series()
    {
        var store = new MetricStore(MetricStore.LowestLimit);
        void Report(IFigureSink sink)
        {
            for (int i = 0; i < 1000; i++)
            {
                sink.Add(MetricTable.CGroupTaskTime, 1, new MetricLabels($"/group{i}"));
                sink.Add(MetricTable.CGroupSwitches, 1, new MetricLabels($"/group{i}"));
                sink.Add(MetricTable.CGroupRunQueueTime, 1, new MetricLabels($"/group{i}"));
                sink.Add(MetricTable.CGroupDiskBytes, 1, new MetricLabels($"/group{i}", "read"));
            }

            for (int i = 0; i < 40; i++)
            {
                sink.Set(MetricTable.HookLive, 1, new MetricLabels("cpu", $"hook{i}", "tp_btf"));
            }

            sink.Add(MetricTable.ProcessExecs, 3);
        }

        lock (store.Gate)
        {
            store.Begin(s_time);
            store.BeginClaims();
            Report(store);
            store.EndClaims();
            Report(store);
            store.End();
        }

        Assert.Equal(40, Family(store, MetricTable.HookLive).Series.Count);
        Assert.All(Family(store, MetricTable.HookLive).Series, static series => Assert.Equal(1, series.Value));
        Assert.Equal(3, Value(store, MetricTable.ProcessExecs));
        Assert.True(store.Active <= MetricStore.LowestLimit);
    }

    [Fact]
    public void A_counter_that_is_silent_for_long_goes_to_the_rest_and_begins_again_later()
    {
        var store = new MetricStore();
        Read(store, static sink => sink.Add(MetricTable.DiskBytes, 100, new MetricLabels("sda", "read")));
        for (int i = 0; i < 300; i++)
        {
            Read(store, static _ => { });
        }

        Assert.Equal(100, Value(store, MetricTable.DiskBytes, new MetricLabels("sda", "read")));
        Read(store, static _ => { });
        Assert.Null(Family(store, MetricTable.DiskBytes).Find(new MetricLabels("sda", "read")));
        Assert.Equal(100, Value(store, MetricTable.DiskBytes, new MetricLabels("other", "other")));

        Read(store, static sink => sink.Add(MetricTable.DiskBytes, 1, new MetricLabels("sda", "read")));
        MetricSeries again = Family(store, MetricTable.DiskBytes).Find(new MetricLabels("sda", "read"))!;
        Assert.Equal((1, 101), ((int)again.Value, (int)Sum(store, MetricTable.DiskBytes)));
        Assert.True(again.Start > s_time, "a total that began again has the time at which it began");
    }

    [Fact]
    public void A_gauge_that_is_not_set_any_more_is_gone()
    {
        var store = new MetricStore();
        Read(store, static sink => sink.Set(MetricTable.CGroupTimeToLimit, 60, new MetricLabels("/a")));
        int active = store.Active;
        Read(store, static _ => { });

        Assert.Empty(Family(store, MetricTable.CGroupTimeToLimit).Series);
        Assert.Equal(active - 1, store.Active);
    }

    [Fact]
    public void Series_that_come_and_go_take_no_room_for_ever()
    {
        var store = new MetricStore();
        for (int i = 0; i < 2000; i++)
        {
            Read(store, sink => sink.Set(MetricTable.CGroupMemoryUsage, 1, new MetricLabels($"/group{i}")));
            Assert.NotNull(Family(store, MetricTable.CGroupMemoryUsage).Find(new MetricLabels($"/group{i}")));
        }

        Assert.Equal(0, Value(store, MetricTable.SeriesOverflowed));
    }

    [Fact]
    public void A_cgroup_whose_name_is_not_known_is_one_of_the_rest()
    {
        var store = new MetricStore();
        Read(store, static sink =>
        {
            sink.Add(MetricTable.CGroupDiskBytes, 1, new MetricLabels(null, "read"));
            sink.Add(MetricTable.CGroupDiskBytes, 2, new MetricLabels(null, "read"));
        });

        Assert.Equal(3, Value(store, MetricTable.CGroupDiskBytes, new MetricLabels("other", "read")));
    }

    [Fact]
    public void A_reading_of_known_series_allocates_nothing()
    {
        var store = new MetricStore();
        MetricLabels[] labels = [.. Enumerable.Range(0, 50).Select(static i => new MetricLabels($"/group{i}"))];
        Exp2Histogram histogram = OneValue();
        void Report()
        {
            store.Begin(s_time);
            foreach (MetricLabels one in labels)
            {
                store.Add(MetricTable.CGroupTaskTime, 1, one);
                store.Set(MetricTable.CGroupMemoryUsage, 1, one);
            }

            store.Add(MetricTable.RunQueueLatency, histogram);
            store.End();
        }

        Report();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Report();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(MetricStore.LowestLimit - 1)]
    [InlineData(MetricStore.HighestLimit + 1)]
    public void A_limit_outside_the_range_is_refused(int limit) => Assert.Throws<ArgumentOutOfRangeException>(() => new MetricStore(limit));

    private static Exp2Histogram OneValue()
    {
        Exp2Histogram histogram = Exp2Histogram.OfTimes(40);
        var slots = new ulong[40];
        slots[15] = 1;
        histogram.Add(new ulong[40], 0, slots, 30_000);
        return histogram;
    }

    private static void Read(MetricStore store, Action<IFigureSink> report)
    {
        lock (store.Gate)
        {
            store.Begin(s_time.AddSeconds(store.Sequence));
            report(store);
            store.End();
        }
    }

    internal static MetricFamily Family(MetricStore store, Metric metric)
    {
        foreach (MetricFamily family in store.Families)
        {
            if (family.Metric == metric)
            {
                return family;
            }
        }

        throw new ArgumentException(metric.Name);
    }

    private static double Value(MetricStore store, Metric metric, in MetricLabels labels = default) => Family(store, metric).Find(labels)!.Value;

    private static double Sum(MetricStore store, Metric metric) => Family(store, metric).Series.Sum(static series => series.Value);

    private static ulong Histograms(MetricStore store, Metric metric) => Family(store, metric).Series.Aggregate(0UL, static (sum, series) => sum + series.Histogram!.Count);

    private static int Count(MetricStore store)
    {
        int count = 0;
        foreach (MetricFamily family in store.Families)
        {
            count += family.Series.Count * family.SeriesPerPoint;
        }

        return count;
    }

    private static StateReader Saved(MetricStore store) => new(SavedBytes(store));

    private static byte[] SavedBytes(MetricStore store)
    {
        byte[] memory = new byte[1 << 20];
        var writer = new StateWriter(memory);
        store.Save(ref writer);
        Assert.True(writer.Fits);
        return memory[..writer.Length];
    }
}
