using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(1UL, 0)]
    [InlineData(2UL, 1)]
    [InlineData(3UL, 1)]
    [InlineData(4UL, 2)]
    [InlineData(1023UL, 9)]
    [InlineData(1024UL, 10)]
    [InlineData(ulong.MaxValue, 39)]
    public void A_time_has_its_slot(ulong ns, int slot) => Assert.Equal(slot, LatencyHistogram.SlotOf(ns));

    [Fact]
    public void Slots_join_without_gap()
    {
        for (int slot = 1; slot < LatencyHistogram.SlotCount; slot++)
        {
            Assert.Equal(LatencyHistogram.UpperBoundNs(slot - 1), LatencyHistogram.LowerBoundNs(slot));
        }
    }

    [Fact]
    public void Nothing_counted_is_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(0, histogram.Percentile(0.99));
        Assert.Equal(0, histogram.MeanNs);
    }

    [Fact]
    public void Percentiles_are_off_by_less_than_a_factor_of_two()
    {
        var random = new Random(1);
        ulong[] times = [.. Enumerable.Range(0, 10_000).Select(_ => (ulong)Math.Exp(random.NextDouble() * 20)).Order()];
        LatencyHistogram histogram = Of(times);

        Assert.Equal((ulong)times.Length, histogram.Count);
        Assert.Equal(times.Aggregate(0UL, (sum, time) => sum + time), histogram.SumNs);
        foreach (double share in (double[])[0, 0.01, 0.5, 0.9, 0.99, 0.999, 1])
        {
            double said = histogram.Percentile(share);
            ulong actual = times[(int)Math.Max(1, Math.Ceiling(share * times.Length)) - 1];
            Assert.Equal(LatencyHistogram.SlotOf(actual), LatencyHistogram.SlotOf((ulong)said));
        }
    }

    [Fact]
    public void Percentiles_grow_with_their_share()
    {
        LatencyHistogram histogram = Of([1000, 1000, 1000, 1000, 5000, 900_000]);
        double last = 0;
        for (int percent = 0; percent <= 100; percent++)
        {
            double now = histogram.Percentile(percent / 100.0);
            Assert.True(now >= last, $"{percent} %: {now} after {last}");
            last = now;
        }
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_share_is_from_0_to_1(double share)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new LatencyHistogram().Percentile(share));

    [Fact]
    public void There_is_no_slot_outside()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LatencyHistogram.LowerBoundNs(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LatencyHistogram.UpperBoundNs(LatencyHistogram.SlotCount));
    }

    private static LatencyHistogram Of(IEnumerable<ulong> times)
    {
        Cpu.CpuCounters counters = default;
        foreach (ulong time in times)
        {
            counters.Latency[LatencyHistogram.SlotOf(time)]++;
            counters.LatencyCount++;
            counters.LatencySumNs += time;
        }

        var histogram = new LatencyHistogram();
        histogram.Add(default, counters);
        return histogram;
    }
}
