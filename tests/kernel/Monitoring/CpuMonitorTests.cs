using System.Globalization;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed partial class CpuMonitorTests : KernelTest
{
    private const int Rounds = 20_000;

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
            PlayPingPong(Rounds / 10);
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
        PlayPingPong(Rounds / 10);
        monitor.Read(reading);
        Assert.True(reading.Agrees || s_held > 0, reading.Explain());

        Assert.Single(monitor.Loaded.Programs.SchedSwitch.Links).Dispose();
        monitor.Read(reading);
        PlayPingPong(Rounds / 10);
        monitor.Read(reading);

        Assert.False(reading.Agrees);
        Assert.Equal((0UL, 0UL), (reading.Total.Switches, reading.RecursionMisses));
        Assert.Equal(-(long)reading.CtxtLow, reading.Error);
        Assert.True(reading.CtxtLow >= Rounds / 10);
        Assert.InRange(reading.Total.PerfSwitches!.Value, reading.CtxtLow, reading.CtxtHigh);
        Assert.InRange(reading.Total.UnseenShare, 0.9999, 1);
        Assert.Contains("detached", reading.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_perf_event_counts_what_the_kernel_counts()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        PlayPingPong(Rounds / 10);
        monitor.Read(reading);

        ulong held = (ulong)Environment.ProcessorCount;
        Assert.InRange(reading.Total.PerfSwitches!.Value, reading.CtxtLow - held, reading.CtxtHigh + held);
        Assert.True(reading.Cpus[0].PerfSwitches >= Rounds / 10);
    }

    [Fact]
    public void Voluntary_switches_are_those_the_kernel_counts_in_the_task()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        (ulong voluntary, ulong involuntary) = PlayPingPong(Rounds);
        monitor.Read(reading);

        // The players' own counts are in; what the rest of the machine did in the meantime comes on top.
        CpuFigures cpu = reading.Cpus[0];
        Assert.True(voluntary >= Rounds, $"{voluntary} voluntary switches in {Rounds} rounds");
        Assert.True(cpu.Voluntary >= voluntary, $"CPU 0: {cpu.Voluntary} voluntary, the two threads alone {voluntary}");
        Assert.True(cpu.Involuntary >= involuntary, $"CPU 0: {cpu.Involuntary} involuntary, the two threads alone {involuntary}");
    }

    [Fact]
    public void Each_switch_seen_to_a_task_is_measured_or_missed()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        PlayPingPong(Rounds);
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

        Assert.True(reading.Cpus[0].Latency.Count >= Rounds);
        Assert.True(reading.Total.Missed < reading.Total.Latency.Count / 10, $"{reading.Total.Missed} missed of {reading.Total.Latency.Count}");
    }

    [Fact]
    public void The_cost_is_measured_on_demand()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start(new CpuMonitorOptions { MeasureCost = true }));
        CpuReading reading = monitor.NewReading();
        PlayPingPong(Rounds);
        monitor.Read(reading);
        Assert.True(reading.CostRuns >= Rounds);
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

    /// <summary>Two threads on CPU 0 wake each other in turns. Gives the switches the kernel counted in them.</summary>
    private static (ulong Voluntary, ulong Involuntary) PlayPingPong(int rounds)
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

    private static Thread Player((ulong Voluntary, ulong Involuntary)[] counts, int index, int rounds, SemaphoreSlim own, SemaphoreSlim other) => new(() =>
    {
        ulong mask = 1;
        Assert.Equal(0, SetAffinity(0, sizeof(ulong), ref mask));
        (ulong voluntary, ulong involuntary) = OwnSwitches();
        for (int i = 0; i < rounds; i++)
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
