using System.Globalization;
using Hypermesh.Bpf.Monitoring.Memory;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Memory;

/// <summary>The predictor over generated series, sampled as the watch samples: four times a second, ten times above half of the limit, a little late or early each time.</summary>
public sealed class OomPredictorTests
{
    private const long Limit = 128L << 20;
    private const double Seconds = 1e9;

    [Theory]
    [InlineData(0.01, 5)]
    [InlineData(0.02, 5)]
    [InlineData(0.05, 5)]
    [InlineData(0.10, 3.5)]
    [InlineData(0.20, 1.5)]
    public void Steady_growth_is_warned_of_before_the_limit(double growth, double leastLead)
    {
        for (int seed = 0; seed < 100; seed++)
        {
            Outcome outcome = Play(t => 0.3 + (growth * Math.Max(0, t - 5)), 5 + (0.7 / growth), seed);
            Assert.Equal(1, outcome.Warnings);
            Assert.True(outcome.EndOfLast is null, "the warning ended before the limit");
            Assert.InRange(5 + (0.7 / growth) - outcome.FirstWarning!.Value, leastLead, 15);
        }
    }

    [Fact]
    public void At_half_of_the_limit_a_second_the_fast_rule_still_warns()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            Outcome outcome = Play(static t => 0.3 + (0.5 * Math.Max(0, t - 5)), 6.4, seed);
            Assert.Equal(1, outcome.Warnings);
            Assert.InRange(6.4 - outcome.FirstWarning!.Value, 0.5, 2);
        }
    }

    [Fact]
    public void Page_cache_is_not_part_of_the_series_so_a_steady_size_at_any_height_never_warns()
    {
        double hours = 0;
        for (int seed = 0; seed < Rounds.Of(100); seed++)
        {
            var noise = new Random(seed);
            double level = 0.5 + (0.48 * noise.NextDouble());
            Outcome outcome = Play(_ => level + (0.0005 * noise.NextDouble()), 3600, seed);
            Assert.Equal(0, outcome.Warnings);
            hours += 1;
        }

        Rounds.Figure("false warnings, steady size", $"0 in {hours} host-hours, at most {3 / hours:0.####} an hour (95 %)");
    }

    [Theory]
    [InlineData(0.20, 0.85)]
    [InlineData(0.05, 0.85)]
    [InlineData(0.02, 0.85)]
    [InlineData(0.10, 0.70)]
    [InlineData(0.40, 0.90)]
    public void A_heap_that_is_collected_warns_at_most_once_in_its_first_cycle_as_learning(double growth, double top)
    {
        double hours = 0;
        int warned = 0;
        for (int seed = 0; seed < Rounds.Of(100); seed++)
        {
            Outcome outcome = Play(SawTooth(0.25, top, growth), 1800, seed);
            Assert.InRange(outcome.Warnings, 0, 1);
            if (outcome.Warnings == 1)
            {
                warned++;
                Assert.True(outcome.FirstWarning < (top - 0.25) / growth, $"the warning came after {outcome.FirstWarning} s, not in the first cycle");
                Assert.True(outcome.WasLearning);
            }

            hours += 0.5;
        }

        Rounds.Figure($"false warnings, saw-tooth to {top.ToString(CultureInfo.InvariantCulture)} at {growth.ToString(CultureInfo.InvariantCulture)}/s", $"{warned} in {hours} host-hours, all in the first cycle");
    }

    [Fact]
    public void A_heap_that_passes_its_old_peak_is_warned_of()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            // Three cycles to 80 %, then to the limit, at 5 % a second: the old peak is passed 4 s before the end, less 2 % and a step.
            const double Cycle = 0.55 / 0.05;
            Func<double, double> tooth = SawTooth(0.25, 0.80, 0.05);
            Outcome outcome = Play(t => t < 3 * Cycle ? tooth(t) : 0.25 + (0.05 * (t - (3 * Cycle))), (3 * Cycle) + 15, seed);
            Assert.InRange(outcome.Warnings, 1, 2);
            Assert.InRange((3 * Cycle) + 15 - outcome.LastWarning!.Value, 2.5, 4);
            Assert.False(outcome.LastWasLearning);
        }
    }

    [Fact]
    public void A_start_that_levels_off_warns_with_the_long_horizon_only()
    {
        int loud = 0, quiet = 0;
        for (int seed = 0; seed < 50; seed++)
        {
            static double LevelOff(double t) => 0.85 * (1 - Math.Exp(-t / 6));
            loud += Play(LevelOff, 120, seed).Warnings;
            quiet += Play(LevelOff, 120, seed, OomPredictor.QuietHorizonNs).Warnings;
        }

        Assert.Equal(0, quiet);
        Assert.InRange(loud, 0, 50);
    }

    [Fact]
    public void A_warning_ends_when_the_growth_does()
    {
        Outcome outcome = Play(static t => Math.Min(0.9, 0.3 + (0.05 * t)), 60, 1);
        Assert.Equal(1, outcome.Warnings);
        Assert.InRange(outcome.EndOfLast!.Value, 12, 17);
    }

    [Fact]
    public void A_kill_ends_the_warning_and_the_next_growth_to_the_limit_is_warned_of_again()
    {
        var predictor = new OomPredictor();
        long time = 0;
        for (int life = 0; life < 5; life++)
        {
            int raised = 0;
            for (double size = 0.1; size < 1; size += 0.02)
            {
                time += 100_000_000;
                raised += predictor.Take(Sample(time, size)) == OomSignal.Raised ? 1 : 0;
            }

            Assert.Equal(1, raised);
            Assert.True(predictor.IsWarning);
            predictor.Restart();
            Assert.False(predictor.IsWarning);
        }
    }

    [Fact]
    public void A_gap_or_a_clock_that_goes_back_begins_anew()
    {
        var predictor = new OomPredictor();
        Assert.Equal(OomSignal.None, predictor.Take(Sample(1_000_000_000, 0.5)));

        // Nine tenths of the limit in no time, were it not for the gap: nobody knows how it grew.
        Assert.Equal(OomSignal.None, predictor.Take(Sample(100_000_000_000, 0.9)));
        Assert.Equal(0, predictor.Slope);
        Assert.Equal(OomSignal.None, predictor.Take(Sample(50_000_000_000, 0.95)));
        Assert.Equal(OomSignal.None, predictor.Take(Sample(50_000_000_000, 0.99)));
        Assert.Equal(0, predictor.Slope);
    }

    [Fact]
    public void Slope_and_time_to_the_limit_are_those_of_the_series()
    {
        var predictor = new OomPredictor();
        for (int i = 0; i <= 30; i++)
        {
            _ = predictor.Take(Sample(i * 100_000_000L, 0.1 + (0.01 * i)));
        }

        Assert.Equal(0.1 * Limit, predictor.Slope, Limit * 0.0001);
        Assert.Equal(6, predictor.TimeToLimit!.Value, 0.01);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_sample()
    {
        var predictor = new OomPredictor();
        _ = predictor.Take(Sample(1, 0.1));
        Work work = Work.Begin();
        for (int i = 1; i < 1000; i++)
        {
            _ = predictor.Take(Sample(i * 100_000_000L, 0.1 + (0.0001 * i)));
        }

        Assert.Equal(0, work.Bytes);
    }

    private static MemorySample Sample(long timeNs, double share)
    {
        long used = (long)(share * Limit);
        return new MemorySample(timeNs, used, Limit - used);
    }

    private static Func<double, double> SawTooth(double low, double top, double growth)
    {
        double cycle = (top - low) / growth;
        return t => low + (growth * (t % cycle));
    }

    private static Outcome Play(Func<double, double> series, double seconds, int seed, long horizonNs = OomPredictor.DefaultHorizonNs)
    {
        var predictor = new OomPredictor(horizonNs);
        var jitter = new Random(seed);
        var outcome = new Outcome();
        double t = jitter.NextDouble() * 0.25;
        while (t < seconds)
        {
            double share = Math.Min(1, series(t));
            OomSignal signal = predictor.Take(Sample((long)(t * Seconds) + 1, share));
            if (signal == OomSignal.Raised)
            {
                outcome.Warnings++;
                outcome.FirstWarning ??= t;
                outcome.LastWarning = t;
                outcome.WasLearning |= predictor.IsLearning;
                outcome.LastWasLearning = predictor.IsLearning;
                outcome.EndOfLast = null;
            }
            else if (signal == OomSignal.Ended)
            {
                outcome.EndOfLast = t;
            }

            t += (share > 0.5 ? 0.1 : 0.25) + (0.02 * (jitter.NextDouble() - 0.5));
        }

        return outcome;
    }

    private sealed class Outcome
    {
        internal int Warnings;
        internal double? FirstWarning;
        internal double? LastWarning;
        internal double? EndOfLast;
        internal bool WasLearning;
        internal bool LastWasLearning;
    }
}
