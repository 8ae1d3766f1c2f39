using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Cpu;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Cpu;

public sealed class CpuReadingTests
{
    private static readonly CpuSkeleton.CpuCounters s_from = new() { Voluntary = 10, Involuntary = 20, Missed = 1 };
    private static readonly CpuSkeleton.CpuCounters s_to = new() { Voluntary = 13, Involuntary = 25, Missed = 3 };

    [Theory]
    [InlineData(8UL, 0UL)]
    [InlineData(11UL, 3UL)]
    [InlineData(7UL, 0UL)]
    [InlineData(null, 0UL)]
    public void A_numbered_switch_that_the_program_did_not_see_is_unseen_and_not_counted(ulong? numbered, ulong unseen)
    {
        var figures = new CpuFigures(0);
        figures.Add(s_from, s_to, numbered, isTorn: false);
        Assert.Equal((3UL, 5UL, 2UL, unseen, 8UL), (figures.Voluntary, figures.Involuntary, figures.Missed, figures.Unseen, figures.Switches));
        Assert.Equal(unseen / (8.0 + unseen), figures.UnseenShare, 12);
    }

    [Fact]
    public void Shares_of_nothing_are_zero_and_of_everything_one()
    {
        var figures = new CpuFigures(0);
        Assert.Equal((0.0, 0.0), (figures.UnseenShare, figures.MissedShare));
        figures.Add(default, new() { Missed = 2 }, 4, isTorn: false);
        Assert.Equal((1.0, 1.0), (figures.UnseenShare, figures.MissedShare));
        CpuSkeleton.CpuCounters waits = default;
        waits.Latency[3] = 6;
        figures.Add(default, waits, 0, isTorn: false);
        Assert.Equal(0.25, figures.MissedShare);
    }

    // Seen, skipped, what the kernel says; the distance, and whether it is within a hundredth.
    [Theory]
    [InlineData(8UL, 0UL, 8UL, 8UL, 0, true)]
    [InlineData(8UL, 0UL, 7UL, 9UL, 0, true)]
    [InlineData(8UL, 0UL, 10UL, 12UL, -2, false)]
    [InlineData(8UL, 0UL, 1UL, 5UL, 3, false)]
    [InlineData(8UL, 2UL, 10UL, 12UL, 0, true)]
    [InlineData(98UL, 0UL, 99UL, 99UL, -1, false)]
    [InlineData(99UL, 0UL, 100UL, 100UL, -1, true)]
    [InlineData(98UL, 0UL, 100UL, 100UL, -2, false)]
    [InlineData(101UL, 0UL, 100UL, 100UL, 1, true)]
    [InlineData(102UL, 0UL, 100UL, 100UL, 2, false)]
    [InlineData(99_000UL, 0UL, 100_000UL, 200_000UL, -1000, true)]
    [InlineData(98_999UL, 0UL, 100_000UL, 200_000UL, -1001, false)]
    [InlineData(90_000UL, 9_000UL, 100_000UL, 200_000UL, -1000, true)]
    [InlineData(202_000UL, 0UL, 100_000UL, 200_000UL, 2000, true)]
    [InlineData(202_001UL, 0UL, 100_000UL, 200_000UL, 2001, false)]
    [InlineData(0UL, 0UL, 0UL, 0UL, 0, true)]
    [InlineData(0UL, 0UL, 1UL, 1UL, -1, false)]
    [InlineData(1UL, 0UL, 0UL, 0UL, 1, false)]
    public void The_error_is_the_distance_to_the_kernels_figures_and_a_hundredth_is_tolerated(ulong seen, ulong misses, ulong low, ulong high, long error, bool agrees)
    {
        var reading = new CpuReading([0]) { CtxtLow = low, CtxtHigh = high, RecursionMisses = misses };
        reading.Total.Add(default, new() { Voluntary = seen }, null, isTorn: false);
        Assert.Equal((error, agrees), (reading.Error, reading.Agrees));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1333UL)]
    [InlineData(5000UL)]
    public void A_program_that_sees_nothing_never_agrees_however_many_are_numbered(ulong numbered)
    {
        var reading = new CpuReading([0]) { CtxtLow = 1333, CtxtHigh = 1333 };
        reading.Total.Add(default, default, numbered, isTorn: false);
        reading.Total.SetPerfSwitches(1333);
        Assert.Equal((0UL, -1333L, false), (reading.Total.Switches, reading.Error, reading.Agrees));
        Assert.Contains("detached", reading.Explain(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "no perf event count")]
    [InlineData(1000UL, "did not run the program")]
    [InlineData(400UL, "container")]
    public void A_gap_is_explained_by_the_third_source(ulong? perf, string says)
    {
        var reading = new CpuReading([0]) { CtxtLow = 1000, CtxtHigh = 1000 };
        reading.Total.Add(default, new() { Voluntary = 400 }, 1000, isTorn: false);
        reading.Total.SetPerfSwitches(perf);
        Assert.Contains(says, reading.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_copy_is_marked_and_explained()
    {
        var reading = new CpuReading([0, 1]) { CtxtLow = 8, CtxtHigh = 8 };
        Assert.False(reading.Total.IsTorn);
        reading.At(1).Add(s_from, s_to, 8, isTorn: true);
        reading.Total.Add(s_from, s_to, 8, isTorn: true);
        Assert.True(reading.Total.IsTorn && reading.Cpus[1].IsTorn && !reading.Cpus[0].IsTorn);
        Assert.Equal(0, reading.Error);
        Assert.Contains("1 CPUs", reading.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cleared_reading_starts_again()
    {
        var reading = new CpuReading([0, 4]);
        Assert.Equal([0, 4], reading.Cpus.Select(cpu => cpu.Number));
        reading.At(1).Add(s_from, s_to, 20, isTorn: true);
        reading.Total.Add(s_from, s_to, 20, isTorn: true);
        reading.Total.SetPerfSwitches(7);
        reading.Clear();
        Assert.Equal(0UL, reading.Total.Switches + reading.Total.Unseen + reading.Cpus[1].Switches + reading.Cpus[1].Missed);
        Assert.True(!reading.Total.IsTorn && reading.Total.PerfSwitches is null && reading.Explain() is null);
    }
}
