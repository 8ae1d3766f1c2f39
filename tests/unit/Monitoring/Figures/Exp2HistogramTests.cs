using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Figures;

public sealed class Exp2HistogramTests
{
    private const int Slots = 40;

    // Slot s has times up to 2^(s - 30) seconds. 1,953,125 ns are exactly 2^-9 s.
    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(1UL, 1)]
    [InlineData(2UL, 2)]
    [InlineData(953UL, 10)]
    [InlineData(954UL, 11)]
    [InlineData(1_953_124UL, 21)]
    [InlineData(1_953_125UL, 21)]
    [InlineData(1_953_126UL, 22)]
    [InlineData(1_000_000_000UL, 30)]
    [InlineData(1_000_000_001UL, 31)]
    [InlineData(ulong.MaxValue, 39)]
    public void A_time_has_its_slot(ulong ns, int slot) => Assert.Equal(slot, Exp2Histogram.SlotOfNanoseconds(ns, Slots));

    [Fact]
    public void Each_time_is_within_the_bounds_of_its_slot()
    {
        Exp2Histogram histogram = Exp2Histogram.OfTimes(Slots);
        var random = new Random(7);
        for (int i = 0; i < 100_000; i++)
        {
            ulong ns = (ulong)Math.Exp(random.NextDouble() * 26);
            int slot = Exp2Histogram.SlotOfNanoseconds(ns, Slots);
            Assert.True(ns <= histogram.UpperBound(slot) * 1e9 && (slot == 0 || ns > histogram.LowerBound(slot) * 1e9), $"{ns} ns in slot {slot}");
        }
    }

    [Fact]
    public void Slots_join_without_gap()
    {
        Exp2Histogram histogram = Exp2Histogram.OfTimes(Slots);
        for (int slot = 1; slot < Slots; slot++)
        {
            Assert.Equal(histogram.UpperBound(slot - 1), histogram.LowerBound(slot));
        }
    }

    [Fact]
    public void Nothing_counted_is_zero()
    {
        Exp2Histogram histogram = Exp2Histogram.OfTimes(Slots);
        Assert.Equal(0, histogram.Percentile(0.99));
        Assert.Equal(0, histogram.Mean);
    }

    [Fact]
    public void Percentiles_are_off_by_less_than_a_factor_of_two()
    {
        var random = new Random(1);
        ulong[] times = [.. Enumerable.Range(0, 10_000).Select(_ => (ulong)Math.Exp(random.NextDouble() * 20)).Order()];
        Exp2Histogram histogram = Of(times);

        Assert.Equal((ulong)times.Length, histogram.Count);
        Assert.Equal(times.Aggregate(0UL, (sum, time) => sum + time) / 1e9, histogram.Sum);
        foreach (double share in (double[])[0, 0.01, 0.5, 0.9, 0.99, 0.999, 1])
        {
            double said = histogram.Percentile(share);
            ulong actual = times[(int)Math.Max(1, Math.Ceiling(share * times.Length)) - 1];
            int slot = Exp2Histogram.SlotOfNanoseconds(actual, Slots);
            Assert.InRange(said, histogram.LowerBound(slot), histogram.UpperBound(slot));
        }
    }

    [Fact]
    public void Percentiles_grow_with_their_share()
    {
        Exp2Histogram histogram = Of([1000, 1000, 1000, 1000, 5000, 900_000]);
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
        => Assert.Throws<ArgumentOutOfRangeException>(() => Exp2Histogram.OfTimes(Slots).Percentile(share));

    [Fact]
    public void There_is_no_slot_outside()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Exp2Histogram.OfTimes(Slots).LowerBound(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Exp2Histogram.OfTimes(Slots).UpperBound(Slots));
    }

    private static Exp2Histogram Of(IEnumerable<ulong> times)
    {
        var slots = new ulong[Slots];
        ulong sum = 0;
        foreach (ulong time in times)
        {
            slots[Exp2Histogram.SlotOfNanoseconds(time, Slots)]++;
            sum += time;
        }

        Exp2Histogram histogram = Exp2Histogram.OfTimes(Slots);
        histogram.Add(new ulong[Slots], 0, slots, sum);
        return histogram;
    }
}
