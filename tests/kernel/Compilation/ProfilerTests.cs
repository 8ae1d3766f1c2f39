using System.Globalization;
using Hypermesh.Bpf.Compilation.Profiling;

namespace Hypermesh.Bpf.Tests.Kernel.Compilation;

/// <summary>Profiles of programs whose shares are known: in C by symbol table, in C# by the runtime's perf map, and off the CPU by the sleeper's own clock.</summary>
public sealed class ProfilerTests : TracingTest
{
    private const int Hertz = 997;
    private const double Points = 0.03;
    private const int Attempts = 3;

    private const double OffCpuShare = 0.02;

    private static int Milliseconds => Rounds.Of(20_000);

    [Fact]
    public void The_functions_of_a_C_program_have_their_shares()
    {
        using Spender spender = Spender.C();

        AssertShares(spender, ["spend_sixty", "spend_thirty", "spend_ten"]);
    }

    [Fact]
    public void The_methods_of_a_managed_program_have_their_shares()
    {
        using Spender spender = Spender.Managed();

        AssertShares(spender, [nameof(Spender.SpendSixty), nameof(Spender.SpendThirty), nameof(Spender.SpendTen)]);
    }

    [Fact]
    public void Sleeps_are_off_the_CPU_for_as_long_as_they_take()
    {
        using Spender spender = Spender.C();
        using Profiler profiler = OrSkipWhereRefused(ProfileSkeleton.Open().Programs.OnSwitch, () => Profiler.Start(new ProfileOptions(Hertz, OffCpu: true, spender.Id)));
        long slept = spender.Do($"s{Rounds.Of(500)}");
        profiler.Watch();
        Profile profile = profiler.Finish();

        long found = profile.Stacks.Where(static stack => stack.Frames.Any(static frame => frame == "sleep_known")).Sum(static stack => stack.Amount);
        Rounds.Figure("off-CPU time of sleeps", $"{found / 1e6:0.0} ms, {slept / 1e6:0.0} ms by the sleeper's clock");
        Assert.InRange(found / (double)slept, 1 - OffCpuShare, 1 + OffCpuShare);
        Assert.All(profile.Stacks, static stack => Assert.DoesNotContain(stack.Frames, static frame => frame.StartsWith("bpf_prog_", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_process_that_has_ended_keeps_the_names_that_were_read_while_it_ran()
    {
        // Compiled before, which the profiler would see too.
        Spender.C().Dispose();
        using Profiler profiler = Profiler.Start(new ProfileOptions(Hertz, OffCpu: false, null));
        using (Spender spender = Spender.C())
        {
            spender.Do("c50");
            profiler.Watch();
        }

        Profile profile = profiler.Finish();
        Assert.Contains(profile.Stacks, static stack => stack.Frames.Contains("spend_sixty"));
    }

    private static Profile Sample(Spender spender, string what)
    {
        using Profiler profiler = Profiler.Start(new ProfileOptions(Hertz, OffCpu: false, spender.Id));
        spender.Do(what);
        profiler.Watch();
        return profiler.Finish();
    }

    // The clock of a processor that its host stops for a moment goes on, and no sample is taken meanwhile: such a moment makes one of the shares too small. Only where so many are
    // missing as a share may differ, the program is sampled again.
    private static void AssertShares(Spender spender, string[] functions)
    {
        string seen = "";
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Profile profile = Sample(spender, $"c{Milliseconds}");
            long[] amounts = [.. functions.Select(function => profile.Stacks.Where(stack => stack.Frames.Any(frame => frame.Contains(function, StringComparison.Ordinal))).Sum(static stack => stack.Amount))];
            double total = amounts.Sum();
            seen += string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", amounts.Select(amount => $"{amount / total:P1}"))} of {total} samples, {profile.Total} in all; ");

            // With fewer samples, three points are less than chance.
            Assert.True(total > 1000, seen);
            // Emulated, the runtime compiles its own methods meanwhile.
            Assert.True(total > profile.Total * (Emulation.IsEmulated ? 0.7 : 0.9), seen);
            if (Math.Abs((amounts[0] / total) - 0.6) < Points && Math.Abs((amounts[1] / total) - 0.3) < Points && Math.Abs((amounts[2] / total) - 0.1) < Points)
            {
                Rounds.Figure($"profile of {functions[0]}", $"{seen}");
                return;
            }

            Assert.True(profile.Total < Milliseconds * Hertz / 1000.0 * (1 - Points), seen);
        }

        Assert.Fail(seen);
    }
}
