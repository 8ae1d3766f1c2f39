using System.Globalization;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed partial class CpuMonitorTests : KernelTest
{
    private static readonly uint s_rounds = Emulation.IsEmulated ? 8_000u : 20_000;

    // The kernel counts a switch and then runs the program. One thread that emulates all CPUs may stop any but the reader's between the two, for as long as a reading takes.
    private static readonly int s_held = Emulation.IsEmulated ? Environment.ProcessorCount - 1 : 0;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_switches_of_each_reading_are_within_a_hundredth_of_the_kernels(bool storesInOrder)
    {
        // Kernels before 5.12 have no atomic exchange and reject the program.
        Assert.SkipWhen(!storesInOrder && Environment.OSVersion.Version < new Version(5, 12), "this kernel has no atomic exchange (5.12)");
        CpuMonitor monitor = Own(CpuMonitor.Start(new CpuMonitorOptions(), storesInOrder));
        CpuReading reading = monitor.NewReading();
        ulong switches = 0, ctxt = 0;
        for (int i = 0; i < 10; i++)
        {
            PlayPingPong(s_rounds / 10);
            monitor.Read(reading);
            Assert.Equal(reading.Total.Switches, reading.Total.Voluntary + reading.Total.Involuntary);
            Assert.InRange(reading.Error, -((long)reading.CtxtLow / 100) - s_held, ((long)reading.CtxtHigh / 100) + s_held);
            Assert.True(reading.Agrees || s_held > 0, reading.Explain());
            Assert.False(reading.Total.IsTorn && s_held == 0, reading.Explain());
            Assert.True(reading.EndNs > reading.StartNs);
            switches += reading.Total.Switches + reading.RecursionMisses;
            ctxt += reading.Ctxt;
        }

        Assert.InRange(switches, ctxt * 0.99, ctxt * 1.01);
    }

    [Fact]
    public void A_program_that_is_detached_while_the_monitor_runs_is_noticed()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        PlayPingPong(s_rounds / 10);
        monitor.Read(reading);
        Assert.True(reading.Agrees || s_held > 0, reading.Explain());

        Blinding.Detach(monitor.Loaded, "sched_switch");
        monitor.Read(reading);
        PlayPingPong(s_rounds / 10);
        monitor.Read(reading);

        Assert.False(reading.Agrees);
        Assert.Equal((0UL, 0UL), (reading.Total.Switches, reading.RecursionMisses));
        Assert.Equal(-(long)reading.CtxtLow, reading.Error);
        Assert.True(reading.CtxtLow >= s_rounds / 10);
        Assert.InRange(reading.Total.PerfSwitches!.Value, reading.CtxtLow, reading.CtxtHigh);
        Assert.InRange(reading.Total.UnseenShare, 0.9999, 1);
        Assert.Contains("detached", reading.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_hook_fires_under_its_stimulus()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        for (int i = 0; i < 50 && monitor.Hooks.Any(static hook => hook.State != HookState.Fired); i++)
        {
            ReadUnderLoad(monitor, reading);
        }

        // A machine may have no interrupt with a number for a while; then the kernel has not counted one either.
        Assert.All(monitor.Hooks, static hook => Assert.True(hook.State == HookState.Fired || hook is { Expected: 0, State: HookState.Unproven }, $"{hook.Name} is {hook.State} ({hook.Reason}), the kernel counted {hook.Expected}"));
        Assert.All(monitor.Hooks.Where(static hook => !hook.Name.StartsWith("irq", StringComparison.Ordinal)), static hook => Assert.Equal(HookState.Fired, hook.State));
    }

    [Theory]
    [InlineData("sched_switch")]
    [InlineData("sched_wakeup")]
    [InlineData("sched_wakeup_new")]
    [InlineData("sched_migrate_task")]
    [InlineData("softirq_entry")]
    [InlineData("softirq_exit")]
    public void A_hook_that_is_detached_is_blind_within_two_readings_in_which_its_counter_moved(string name)
    {
        Emulation.OnlyInFull();
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        Blinding.Detach(monitor.Loaded, name);

        // What it saw before is in this one.
        monitor.Read(reading);
        Blinding.ShowBlind(monitor.Hooks.Single(hook => hook.Name == name), () => ReadUnderLoad(monitor, reading));
    }

    [Theory]
    [InlineData("sched_switch")]
    [InlineData("sched_wakeup")]
    [InlineData("sched_wakeup_new")]
    [InlineData("sched_migrate_task")]
    [InlineData("softirq_entry")]
    [InlineData("softirq_exit")]
    public void A_hook_whose_program_does_nothing_is_blind_although_it_runs(string name)
    {
        Emulation.OnlyInFull();
        CpuMonitor monitor = Own(CpuMonitor.Start(new CpuMonitorOptions { Load = HollowKernel.Load(name) }));
        CpuReading reading = monitor.NewReading();
        Blinding.ShowBlind(monitor.Hooks.Single(hook => hook.Name == name), () => ReadUnderLoad(monitor, reading));
        Assert.NotEmpty(monitor.Loaded.Live.Programs.Single(program => program.Name == name && program.IsLoaded).Links);
    }

    [Fact]
    public void The_time_of_a_cgroups_tasks_is_that_which_the_kernel_charges()
    {
        using var group = new CpuGroup();
        CpuMonitor monitor = Own(CpuMonitor.Start(new CpuMonitorOptions { ByCGroup = true }));
        CpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        for (int i = 0; i < Tests.Harness.Rounds.Of(30); i++)
        {
            group.Burn(loops: Emulation.IsEmulated ? 40_000 : 200_000);
        }

        ulong truth = group.UsageNs();
        monitor.Read(reading);

        CpuCGroupFigures figures = reading.CGroups.Single(one => one.Id == group.Id);
        Tests.Harness.Rounds.Figure("CPU time of a cgroup", $"{figures.TaskTimeNs} ns measured, {truth} ns charged; {reading.Total.Unseen} switches unseen, {reading.RecursionMisses} missed, {reading.Error} off, task time {reading.Total.TaskTimeNs} of {reading.Duration.TotalNanoseconds}");
        double tolerated = group.IsV1 ? 0.001 : 0.01;
        Assert.InRange(figures.TaskTimeNs, truth * (1 - tolerated), truth * (1 + tolerated));
        Assert.Equal(group.Path, figures.Path);
        Assert.True(figures.Switches > 0);
    }

    [Fact]
    public void The_perf_event_counts_what_the_kernel_counts()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        PlayPingPong(s_rounds / 10);
        monitor.Read(reading);

        ulong held = (ulong)Environment.ProcessorCount;
        Assert.InRange(reading.Total.PerfSwitches!.Value, reading.CtxtLow - held, reading.CtxtHigh + held);
        Assert.True(reading.Cpus[0].PerfSwitches >= s_rounds / 10);
    }

    [Fact]
    public void Voluntary_switches_are_those_the_kernel_counts_in_the_task()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        (ulong voluntary, ulong involuntary) = PlayPingPong(s_rounds);
        monitor.Read(reading);

        // The players' own counts are in; what the rest of the machine did in the meantime comes on top.
        CpuFigures cpu = reading.Cpus[0];
        Assert.True(voluntary >= s_rounds, $"{voluntary} voluntary switches in {s_rounds} rounds");
        Assert.True(cpu.Voluntary >= voluntary, $"CPU 0: {cpu.Voluntary} voluntary, the two threads alone {voluntary}");
        Assert.True(cpu.Involuntary >= involuntary, $"CPU 0: {cpu.Involuntary} involuntary, the two threads alone {involuntary}");
    }

    [Fact]
    public void Each_switch_seen_to_a_task_is_measured_or_missed()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        PlayPingPong(s_rounds);
        monitor.Read(reading);
        foreach (CpuFigures cpu in reading.Cpus)
        {
            ulong slots = 0;
            foreach (ulong count in cpu.Latency.Slots)
            {
                slots += count;
            }

            Assert.Equal(cpu.Latency.Count, slots);
            Assert.True(cpu.Latency.Count + cpu.Missed <= cpu.Voluntary + cpu.Involuntary);
        }

        Assert.True(reading.Cpus[0].Latency.Count >= s_rounds);
        Assert.True(reading.Total.Missed < reading.Total.Latency.Count / 10, $"{reading.Total.Missed} missed of {reading.Total.Latency.Count}");
    }

    [Theory]
    [InlineData(65536, true)]
    [InlineData(65537, false)]
    public void A_wait_is_missed_where_another_task_has_taken_the_place(int distance, bool share)
    {
        const string Limit = "/proc/sys/kernel/pid_max";
        if (Emulation.IsEmulated)
        {
            File.WriteAllText(Limit, "4194304");
        }

        Assert.SkipUnless(int.Parse(File.ReadAllText(Limit), CultureInfo.InvariantCulture) > 2 * distance, "thread IDs end (pid_max) before two tasks have one place");
        string folder = Directory.CreateTempSubdirectory("hypermesh-").FullName;
        try
        {
            Sandbox.Shell($"gcc -O1 -o {folder}/rivals {Path.Combine(AppContext.BaseDirectory, "rivals.c")}");
            CpuMonitor monitor = Own(CpuMonitor.Start());
            CpuReading reading = monitor.NewReading();
            monitor.Read(reading);
            Sandbox.Shell($"{folder}/rivals {distance} 2000 > {folder}/preempted");
            monitor.Read(reading);

            // One of them that is preempted for something else finds its place as it left it.
            ulong preempted = ulong.Parse(File.ReadAllText($"{folder}/preempted"), CultureInfo.InvariantCulture);
            Assert.True(preempted >= 20, $"preempted {preempted} times");
            Assert.True(share ? reading.Total.Missed > preempted / 2 : reading.Total.Missed < preempted / 4, $"preempted {preempted} times, {reading.Total.Missed} waits missed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_cost_is_measured_on_demand()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start(new CpuMonitorOptions { MeasureCost = true }));
        CpuReading reading = monitor.NewReading();
        PlayPingPong(s_rounds);
        monitor.Read(reading);
        Assert.True(reading.CostRuns >= s_rounds);
        Assert.InRange((double)reading.CostNs! / reading.CostRuns!.Value, 10, 100_000);
    }

    [Fact]
    public void A_disposed_monitor_says_so()
    {
        CpuMonitor monitor = CpuMonitor.Start();
        CpuReading reading = monitor.NewReading();
        monitor.Dispose();
        monitor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => monitor.Read(reading));
    }

    // Wakes threads, starts some, lets them sleep for the timers, and moves this one between CPUs.
    private static void ReadUnderLoad(CpuMonitor monitor, CpuReading reading)
    {
        PlayPingPong(200);
        for (int i = 0; i < Math.Min(2, Environment.ProcessorCount); i++)
        {
            ulong mask = 1UL << i;
            Assert.Equal(0, SetAffinity(0, sizeof(ulong), ref mask));
            Thread.Sleep(10);
        }

        ulong all = ulong.MaxValue;
        Assert.Equal(0, SetAffinity(0, sizeof(ulong), ref all));
        monitor.Read(reading);
    }

    /// <summary>Two threads on CPU 0 wake each other in turns. Gives the switches the kernel counted in them.</summary>
    private static (ulong Voluntary, ulong Involuntary) PlayPingPong(uint rounds)
    {
        using var ping = new SemaphoreSlim(0);
        using var pong = new SemaphoreSlim(0);
        var counts = new (ulong Voluntary, ulong Involuntary)[2];
        Thread first = Player(counts, 0, rounds, ping, pong), second = Player(counts, 1, rounds, pong, ping);
        first.Start();
        second.Start();
        ping.Release();
        first.Join();
        second.Join();
        return (counts[0].Voluntary + counts[1].Voluntary, counts[0].Involuntary + counts[1].Involuntary);
    }

    private static Thread Player((ulong Voluntary, ulong Involuntary)[] counts, int index, uint rounds, SemaphoreSlim own, SemaphoreSlim other) => new(() =>
    {
        ulong mask = 1;
        Assert.Equal(0, SetAffinity(0, sizeof(ulong), ref mask));
        (ulong voluntary, ulong involuntary) = OwnSwitches();
        for (uint i = 0; i < rounds; i++)
        {
            // Without spinning: each turn blocks.
            while (!own.Wait(0))
            {
                own.AvailableWaitHandle.WaitOne();
            }

            other.Release();
        }

        (ulong Voluntary, ulong Involuntary) now = OwnSwitches();
        counts[index] = (now.Voluntary - voluntary, now.Involuntary - involuntary);
    });

    private static (ulong Voluntary, ulong Involuntary) OwnSwitches()
    {
        string[] status = File.ReadAllLines("/proc/thread-self/status");
        return (Figure(status, "voluntary_ctxt_switches:"), Figure(status, "nonvoluntary_ctxt_switches:"));
    }

    private static ulong Figure(string[] status, string name)
        => ulong.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).AsSpan(name.Length), CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint size, ref ulong mask);
}
