using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Kernel.Programs;

/// <summary>What the kernel counts of a program is what happened to it.</summary>
public sealed partial class ProgramInfoTests : KernelTest
{
    private const int Packets = 20;
    private const int Prints = 5;

    [Fact]
    [Row("runtime", "prog info: load time, run_time_ns, run_cnt, recursion misses, verified insns")]
    public void A_program_has_its_time_of_loading_and_what_the_verifier_went_through()
    {
        Needs(BpfFeature.SyscallProgram);
        TimeSpan before = SinceBoot();
        Parts live = Own(Parts.Open().Load(new BpfLoadOptions { VerifierLog = BpfVerifierLogLevel.Statistics }));
        TimeSpan after = SinceBoot();

        BpfProgramInfo info = live.Programs.Add.GetInfo();

        Assert.InRange(info.LoadTime, before, after);
        Assert.SkipUnless(KernelNames.HasMember("bpf_prog_info", "verified_insns"), "this kernel does not tell how many instructions were verified");
        Match processed = Processed().Match(live.Programs.Add.VerifierLog);
        Assert.Equal(uint.Parse(processed.Groups[1].ValueSpan, CultureInfo.InvariantCulture), info.VerifiedInstructions);
    }

    [Fact]
    [Row("runtime", "BPF_ENABLE_STATS")]
    public void Runs_are_counted_and_timed_while_statistics_are_on() => Sandbox.WithNetwork(() =>
    {
        using NetworkHooks hooks = HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Tc);
        hooks.Programs.Tc.AttachFilter(NetworkDevice.FromName("lo"), PacketDirection.Egress);

        // Statistics are the whole machine's: others may have them on.
        BpfProgramInfo first = hooks.Programs.Tc.GetInfo();
        using (BpfStatistics.Enable())
        {
            Stimuli.Datagrams(Packets);
        }

        BpfProgramInfo second = hooks.Programs.Tc.GetInfo();
        Assert.Equal(((ulong)Packets, (ulong)Packets), (hooks.Globals.Hits, second.RunCount - first.RunCount));
        Assert.True(second.RunTimeNs > first.RunTimeNs);
    });

    [Fact]
    [Row("runtime", "prog info: load time, run_time_ns, run_cnt, recursion misses, verified insns")]
    public void A_program_that_fires_its_own_tracepoint_misses_that_run()
    {
        // It came when raw tracepoints began to keep out of themselves.
        NeedsFunction("bpf_prog_inc_misses_counter");
        Recursing live = Own(Recursing.Open(static spec => spec.Globals.Tid = (uint)LibC.Syscall(186, 0, 0, 0, 0, 0)).Load());
        live.Programs.Within.Attach();
        for (int i = 0; i < Prints; i++)
        {
            ulong argument = 0;
            live.Programs.Print.TestRun(ref argument);
        }

        Assert.Equal(((ulong)Prints, (ulong)Prints), (live.Globals.Runs, live.Programs.Within.GetInfo().RecursionMisses));
    }

    // The clock the kernel notes the time of loading by.
    private static unsafe TimeSpan SinceBoot()
    {
        const int GetTime = 228;
        const int BootTime = 7;
        long* time = stackalloc long[2];
        Assert.Equal(0, LibC.Syscall(GetTime, BootTime, (nint)time, 0, 0, 0));
        return TimeSpan.FromTicks((time[0] * TimeSpan.TicksPerSecond) + (time[1] / TimeSpan.NanosecondsPerTick));
    }

    [GeneratedRegex(@"processed (\d+) insns")]
    private static partial Regex Processed();
}
