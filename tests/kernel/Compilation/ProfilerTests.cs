using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Compilation.Profiling;

namespace Hypermesh.Bpf.Tests.Kernel.Compilation;

/// <summary>Profiles of programs whose shares are known: in C by symbol table, in C# by the runtime's perf map, and off the CPU by the sleeper's own clock.</summary>
public sealed class ProfilerTests : TracingTest
{
    private const int Hertz = 997;
    private const double Points = 0.03;
    private const double OffCpuShare = 0.02;

    [Fact]
    public void The_functions_of_a_C_program_have_their_shares()
    {
        using Spender spender = Spender.C();
        Profile profile = Sample(spender, $"c{Rounds.Of(120)}");

        AssertShares(profile, ["spend_sixty", "spend_thirty", "spend_ten"]);
    }

    [Fact]
    public void The_methods_of_a_managed_program_have_their_shares()
    {
        using Spender spender = Spender.Managed();
        Profile profile = Sample(spender, $"c{Rounds.Of(400)}");

        AssertShares(profile, [nameof(SpendSixty), nameof(SpendThirty), nameof(SpendTen)]);
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
        Profile profile;
        using (Profiler profiler = Profiler.Start(new ProfileOptions(Hertz, OffCpu: false, null)))
        {
            using (Spender spender = Spender.C())
            {
                spender.Do("c2");
                profiler.Watch();
            }

            profile = profiler.Finish();
        }

        Assert.Contains(profile.Stacks, static stack => stack.Frames.Contains("spend_sixty"));
    }

    // Called in a process of its own.
    internal static void SpendAsTold()
    {
        Console.Out.WriteLine("ready");
        Console.Out.Flush();
        while (Console.In.ReadLine() is { } line)
        {
            SpendByShare(10 * int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture));
            Console.Out.WriteLine("0");
            Console.Out.Flush();
        }
    }

    // Equal loops may take unequal times, and so each call goes to the method that is furthest from its share by the thread's CPU clock.
    private static void SpendByShare(int calls)
    {
        (Action Method, double Share, double Spent)[] all = [(SpendSixty, 0.6, 0), (SpendThirty, 0.3, 0), (SpendTen, 0.1, 0)];
        for (int i = 0; i < calls; i++)
        {
            int next = 0;
            for (int other = 1; other < all.Length; other++)
            {
                next = all[other].Spent / all[other].Share < all[next].Spent / all[next].Share ? other : next;
            }

            var work = Work.Begin();
            all[next].Method();
            all[next].Spent += work.Time.TotalSeconds;
        }
    }

    private static long s_sink;

    // Methods that are optimized at once are not compiled ahead of time, and so the runtime names them.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void SpendSixty() => Spend();

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void SpendThirty() => Spend();

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void SpendTen() => Spend();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spend()
    {
        for (long i = 0; i < 4_000_000; i++)
        {
            Volatile.Write(ref s_sink, (Volatile.Read(ref s_sink) * 31) + i);
        }
    }

    private static Profile Sample(Spender spender, string what)
    {
        using Profiler profiler = Profiler.Start(new ProfileOptions(Hertz, OffCpu: false, spender.Id));
        spender.Do(what);
        profiler.Watch();
        return profiler.Finish();
    }

    private static void AssertShares(Profile profile, string[] functions)
    {
        long[] amounts = [.. functions.Select(function => profile.Stacks.Where(stack => stack.Frames.Any(frame => frame.Contains(function, StringComparison.Ordinal))).Sum(static stack => stack.Amount))];
        double total = amounts.Sum();
        string seen = string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", amounts.Select(amount => $"{amount / total:P1}"))} of {total} samples, {profile.Total} in all");
        Rounds.Figure($"profile of {functions[0]}", $"{seen}");

        // With fewer samples, three points are less than chance.
        Assert.True(total > 1000, seen);
        Assert.True(total > profile.Total * 0.9, seen);
        Assert.True(Math.Abs((amounts[0] / total) - 0.6) < Points && Math.Abs((amounts[1] / total) - 0.3) < Points && Math.Abs((amounts[2] / total) - 0.1) < Points, seen);
    }

    /// <summary>A process that spends CPU time, or sleeps, on request.</summary>
    private sealed class Spender : IDisposable
    {
        private static readonly Lazy<string> s_program = new(Compile);

        private readonly Process _process;

        private Spender(ProcessStartInfo start)
        {
            start.RedirectStandardInput = start.RedirectStandardOutput = true;
            _process = Process.Start(start)!;
            Assert.Equal("ready", _process.StandardOutput.ReadLine());
        }

        internal int Id => _process.Id;

        internal static Spender C()
        {
            Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "needs /usr/bin/gcc, to make a program to profile");
            return new Spender(new ProcessStartInfo(s_program.Value));
        }

        internal static Spender Managed()
        {
            string[] command = OwnProcess.CommandOf(SpendAsTold);
            return new Spender(new ProcessStartInfo(command[0], command[1..]) { Environment = { ["DOTNET_PerfMapEnabled"] = "3" } });
        }

        internal long Do(string what)
        {
            _process.StandardInput.WriteLine(what);
            _process.StandardInput.Flush();
            return long.Parse(_process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            File.Delete($"/tmp/perf-{_process.Id}.map");
            _process.Dispose();
        }

        private static string Compile()
        {
            string folder = Directory.CreateTempSubdirectory("hypermesh-spent-").FullName;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
            string path = Path.Combine(folder, "spent"), source = Path.Combine(AppContext.BaseDirectory, "spent.c");
            using Process gcc = Process.Start("/usr/bin/gcc", ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-o", path, source]);
            gcc.WaitForExit();
            Assert.Equal(0, gcc.ExitCode);
            return path;
        }
    }
}
