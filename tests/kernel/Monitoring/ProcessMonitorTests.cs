using System.Diagnostics;
using System.Globalization;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed class ProcessMonitorTests : KernelTest
{
    // As on a preemptible kernel with tracefs.
    private static readonly HookFacts s_classic = new(HasTraceFs: true, IsPreemptible: true);
    private static readonly HookFacts s_typed = new(HasTraceFs: true, IsPreemptible: false);

    private static readonly int s_processes = Emulation.IsEmulated ? 40 : Rounds.Of(1000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_short_process_is_one_exec_and_one_exit(bool classic) => Sandbox.WithTracing(() =>
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Events = true, Facts = classic ? s_classic : s_typed }));
        Assert.Equal(classic, monitor.Hooks[0].Source == HookSource.Tracepoint);
        ProcessReading reading = monitor.NewReading();
        using Process shell = StartShell($"i=0; while [ $i -lt {s_processes} ]; do /bin/true; i=$((i + 1)); done");
        RunToEnd(shell);
        List<ProcessEvent> events = Drain(monitor);
        monitor.Read(reading);

        ProcessEvent[] execs = [.. events.Where(one => one.Kind == ProcessEventKind.Exec && one.ParentId == shell.Id)];
        ProcessEvent[] exits = [.. events.Where(one => one.Kind == ProcessEventKind.Exit && one.ParentId == shell.Id)];
        Assert.Equal((s_processes, s_processes), (execs.Length, exits.Length));
        Assert.Equal(execs.Select(static one => one.ProcessId), exits.Select(static one => one.ProcessId));
        Assert.All(execs, static one => Assert.True(one is { File: "/bin/true", Command: "true", Arguments: null, ExitCode: null }));
        Assert.All(exits, static one => Assert.True(one is { ExitCode: 0, Signal: null, Command: "true" }));
        Assert.All(exits, one => Assert.InRange(one.Life!.Value, TimeSpan.FromMicroseconds(10), TimeSpan.FromSeconds(30)));
        Assert.Equal((0UL, (ulong)events.Count), (reading.Dropped, reading.EventsDelivered));

        // A process of the machine may end while the figures are read one after the other: it is in the next reading then.
        (ulong counted, ulong produced) = (reading.Execs + reading.ProcessesEnded, reading.EventsProduced);
        ProcessReading next = monitor.NewReading();
        for (int i = 0; i < 10 && counted != produced; i++)
        {
            monitor.Read(next);
            (counted, produced) = (counted + next.Execs + next.ProcessesEnded, produced + next.EventsProduced);
        }

        Assert.Equal(counted, produced);
        Assert.True(reading.Execs >= (ulong)s_processes && reading.Ended[0] >= (ulong)s_processes && reading.ProcessesCreated >= (ulong)s_processes);
        Assert.Equal(reading.ProcessesEnded, reading.Lifetime.Count);
        Assert.Equal(reading.ProcessesEnded, reading.PeakMemory.Count);
        Assert.All(monitor.Hooks, hook => Assert.Equal(HookState.Fired, hook.State));
    });

    [Fact]
    public void Figures_are_within_the_kernels_own() => Sandbox.WithTracing(() =>
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start());
        ProcessReading reading = monitor.NewReading();
        for (int i = 0; i < (Emulation.IsEmulated ? 3 : Rounds.Of(100)); i++)
        {
            using Process shell = StartShell("i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i + 1)); done");
            RunToEnd(shell);
            new Thread(static () => { }).Start();
            monitor.Read(reading);
            Assert.Equal(3, reading.GroundTruths.Count);
            Assert.All(reading.GroundTruths, static truth => Assert.True(truth.Error == 0, truth.ToString()));
            Assert.True(reading.Execs >= 20 && reading.ProcessesCreated >= 20 && reading.ThreadsCreated >= 1);
            Assert.True(reading.Condition == MonitorCondition.Ok, reading.Reason);
        }
    });

    [Theory]
    [InlineData("exit 0", 0, 0, null)]
    [InlineData("exit 1", 1, 1, null)]
    [InlineData("/", 2, 126, null)]
    [InlineData("/nowhere", 3, 127, null)]
    [InlineData("kill -9 $$", 4, null, 9)]
    [InlineData("exit 77", 5, 77, null)]
    public void The_end_of_a_process_is_what_its_parent_is_told(string script, int ending, int? code, int? signal)
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Events = true }));
        ProcessReading reading = monitor.NewReading();
        using Process shell = StartShell(script);
        RunToEnd(shell, expected: null);
        monitor.Read(reading);
        ProcessEvent exit = Drain(monitor).Single(one => one.Kind == ProcessEventKind.Exit && one.ProcessId == shell.Id);
        Assert.Equal((code, signal), (exit.ExitCode, exit.Signal));
        Assert.Equal(code ?? 128 + signal!.Value, shell.ExitCode);
        Assert.True(reading.Ended[ending] >= 1);
        Assert.Equal(Environment.ProcessId, exit.ParentId);
        Assert.Equal(0u, exit.UserId);
        Assert.NotEqual(0UL, exit.CGroupId);
    }

    [Fact]
    public void Time_and_memory_of_a_process_are_what_it_says_itself()
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Events = true }));
        ProcessReading reading = monitor.NewReading();

        // Before its end, the shell prints its CPU time in nanoseconds and its peak memory in kB.
        using Process shell = StartShell(
            "x=0123456789abcdef; i=0; while [ $i -lt 21 ]; do x=$x$x; i=$((i + 1)); done; while read k v u; do case $k in VmHWM:) echo $v; esac; done < /proc/$$/status; read t r < /proc/$$/schedstat; echo $t; sleep 0.3");
        string output = RunToEnd(shell);
        long[] said = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => long.Parse(line, CultureInfo.InvariantCulture))];
        Thread.Sleep(500);
        monitor.Read(reading);
        ProcessEvent exit = Drain(monitor).Single(one => one.Kind == ProcessEventKind.Exit && one.ProcessId == shell.Id);

        Assert.InRange(exit.CpuTime!.Value.TotalNanoseconds, said[1], (said[1] * 1.2) + 100_000_000);
        Assert.True(reading.CpuTime.Sum * 1e9 >= said[1], $"{reading.CpuTime.Sum} s in all, the shell alone {said[1]} ns");
        Assert.InRange(exit.Life!.Value.TotalSeconds, 0.3, 60);

        // Before 6.16 the peak is that of getrusage: it includes this process, whose memory the child shares until it executes the shell.
        long parent = KernelFacts.Running >= new Version(6, 16) ? 0 : Process.GetCurrentProcess().PeakWorkingSet64;
        Assert.InRange(exit.PeakMemory!.Value, (said[0] - 1024) * 1024, Math.Max(said[0] * 1024, parent) + (8L << 20));
        Assert.True(said[0] > 32 * 1024, $"{said[0]} kB");
    }

    [Fact]
    public void A_small_program_of_a_large_parent_has_its_own_peak()
    {
        Assert.SkipUnless(KernelFacts.Running >= new Version(6, 16), "the memory of a process that ends is gone before its event (6.16)");
        ProcessMonitor monitor = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Events = true }));
        using Process small = Process.Start(new ProcessStartInfo("/bin/true"))!;
        small.WaitForExit();
        ProcessEvent exit = Drain(monitor).Single(one => one.Kind == ProcessEventKind.Exit && one.ProcessId == small.Id);
        Assert.InRange(exit.PeakMemory!.Value, 100 << 10, 8 << 20);
        Assert.True(Environment.WorkingSet > 16 << 20);
    }

    [Fact]
    public void Arguments_are_those_of_the_process()
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Events = true, Arguments = true }));
        string[] given = ["a b", "", "ü\"$"];
        using Process one = Process.Start(new ProcessStartInfo("/bin/true", given))!;
        using Process many = Process.Start(new ProcessStartInfo("/bin/true", [new string('x', 5000)]))!;
        one.WaitForExit();
        many.WaitForExit();
        List<ProcessEvent> events = Drain(monitor);
        ProcessEvent exec = events.Single(found => found.Kind == ProcessEventKind.Exec && found.ProcessId == one.Id);
        Assert.Equal(["/bin/true", .. given], exec.Arguments!);
        Assert.False(exec.IsCut);
        ProcessEvent cut = events.Single(found => found.Kind == ProcessEventKind.Exec && found.ProcessId == many.Id);
        Assert.Equal(["/bin/true", new string('x', 2048 - "/bin/true".Length - 1)], cut.Arguments!);
        Assert.True(cut.IsCut);
    }

    [Theory]
    [InlineData("task_newtask", "new_task", false)]
    [InlineData("task_newtask", "new_task", true)]
    [InlineData("sched_process_exec", "process_exec", false)]
    [InlineData("sched_process_exec", "process_exec", true)]
    [InlineData("sched_process_exit", "process_exit", false)]
    [InlineData("sched_process_exit", "process_exit", true)]
    [InlineData("sched_process_free", "process_free", false)]
    [InlineData("sched_process_free", "process_free", true)]
    public void A_blind_hook_is_reported(string name, string program, bool hollow) => Sandbox.WithTracing(() =>
    {
        Emulation.OnlyInFull();
        ProcessMonitor monitor = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Facts = s_typed, Load = hollow ? HollowKernel.Load(program) : null }));
        MonitorHook hook = monitor.Hooks.Single(hook => hook.Name == name);
        ProcessReading reading = monitor.NewReading();
        Assert.NotEqual(HookState.Blind, hook.State);
        if (!hollow)
        {
            Blinding.Detach(monitor.Loaded, program);
            monitor.Read(reading);
        }

        // The kernel frees a task some time after its release, so that hook is judged by what was released a second ago.
        int readings = name == "sched_process_free" ? 5 : 2;
        for (int i = 0; i < readings && hook.State != HookState.Blind; i++)
        {
            using Process shell = StartShell("/bin/true; /bin/true");
            RunToEnd(shell);
            Thread.Sleep(name == "sched_process_free" ? 1100 : 0);
            monitor.Read(reading);
        }

        Assert.Equal(HookState.Blind, hook.State);
        Assert.Equal(MonitorCondition.Degraded, reading.Condition);
        Assert.Contains($"hook {name} is blind", reading.Reason, StringComparison.Ordinal);
        Assert.All(monitor.Hooks, other => Assert.Equal(other == hook, other.State == HookState.Blind));
    });

    [Fact]
    public void Without_tracefs_a_process_of_its_own_proves_the_exec_hook() => Sandbox.WithoutTracing(() =>
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start());
        Assert.Equal(HookState.Fired, monitor.Hooks.Single(static hook => hook.Name == "sched_process_exec").State);

        ProcessMonitor blind = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Load = HollowKernel.Load("process_exec") }));
        Assert.Equal(HookState.Blind, blind.Hooks.Single(static hook => hook.Name == "sched_process_exec").State);
    });

    [Fact]
    public void Each_event_that_a_stopped_reader_misses_is_counted() => Sandbox.WithTracing(() =>
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Events = true, EventBufferSize = 16 * 1024 }));
        ProcessReading reading = monitor.NewReading();
        long began = Stopwatch.GetTimestamp();
        int each = s_processes * (Rounds.IsFull ? 5 : 2);
        Process[] shells = [.. Enumerable.Range(0, 2).Select(_ => StartShell($"i=0; while [ $i -lt {each} ]; do /bin/true; i=$((i + 1)); done"))];
        Array.ForEach(shells, static shell => shell.StandardInput.WriteLine("go"));
        Array.ForEach(shells, static shell => shell.WaitForExit());
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Array.ForEach(shells, static shell => shell.Dispose());

        // All is written before the reader begins, and the reading before it has the same totals.
        monitor.Read(reading);
        (ulong produced, ulong dropped, ulong execs, ulong ended) = (reading.EventsProduced, reading.Dropped, reading.Execs, reading.ProcessesEnded);
        GroundTruth counted = reading.GroundTruths.Single(static truth => truth.Figure == "hypermesh.process.execs");

        // Whatever else the machine starts now, no event comes after those that are read.
        foreach (BpfProgram program in monitor.Loaded.Live.Programs.Where(static one => one.IsLoaded && one.Links.Count > 0).ToArray())
        {
            Blinding.Detach(monitor.Loaded, program.Name);
        }

        ulong delivered = (ulong)Drain(monitor).Count;
        monitor.Read(reading);
        Assert.Equal(produced + reading.EventsProduced, delivered + dropped + reading.Dropped);
        Assert.Equal(delivered, reading.EventsDelivered);
        Assert.Equal(execs + ended, produced);
        Assert.InRange(execs + reading.Missed, counted.Low, counted.High);
        Assert.True(execs >= 2UL * (ulong)each && ended >= 2UL * (ulong)each && dropped > 0, $"{execs} execs, {ended} ends, {dropped} dropped");
        Rounds.Figure("process events", $"{produced} in {seconds:F1} s ({produced / seconds:F0}/s), {dropped} dropped, {delivered} delivered");
    });

    [Fact]
    public void Events_are_refused_where_they_were_not_asked_for()
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start());
        Assert.Throws<InvalidOperationException>(() => monitor.ReadAllAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Reading_allocates_nothing_once_it_is_warm() => Sandbox.WithTracing(() =>
    {
        ProcessMonitor monitor = Own(ProcessMonitor.Start(new ProcessMonitorOptions { Events = true, MeasureCost = true }));
        ProcessReading reading = monitor.NewReading();
        for (int i = 0; i < 50; i++)
        {
            monitor.Read(reading);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            monitor.Read(reading);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    });

    // It waits for a line, so that the test can know it before it starts anything.
    private static Process StartShell(string script) => Process.Start(new ProcessStartInfo("/bin/sh")
    {
        ArgumentList = { "-c", "read go; " + script },
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static string RunToEnd(Process shell, int? expected = 0)
    {
        shell.StandardInput.WriteLine("go");
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(expected ?? shell.ExitCode, shell.ExitCode);
        return output;
    }

    /// <summary>Takes what is in the ring.</summary>
    private static List<ProcessEvent> Drain(ProcessMonitor monitor) => Draining.Take(monitor.ReadAllAsync, () => monitor.Loaded.Maps.Events.Positions.Available);
}
