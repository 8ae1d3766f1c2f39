using System.Diagnostics;
using System.Globalization;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Memory;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed class MemoryMonitorTests : KernelTest
{
    private const long Mega = 1 << 20;

    [Fact]
    public void Each_page_that_is_touched_is_an_allocation_and_no_more_are_seen_than_the_kernel_handed_out()
    {
        const ulong Pages = 20_000;
        MemoryMonitor monitor = Own(MemoryMonitor.Start());
        MemoryReading reading = monitor.NewReading();
        using var group = new MemoryGroup(512 * Mega);
        monitor.Read(reading);
        Touch(group, Pages);
        monitor.Read(reading);

        GroundTruth truth = reading.GroundTruths.Single(static one => one.Figure == "hypermesh.memory.page.allocations");
        Rounds.Figure("pages seen by mm_page_alloc", $"{reading.AllocatedPages} of {truth.High} by pgalloc");
        Assert.True(reading.AllocationsByOrder[0] >= Pages, $"{reading.AllocationsByOrder[0]} allocations of one page");
        Assert.InRange(reading.AllocatedPages, Pages, truth.High);
        Assert.True(truth.Holds);
        Assert.Equal(truth.High - reading.AllocatedPages, reading.UntracedPages);
        ulong sum = 0;
        foreach (ulong count in reading.AllocationsByOrder)
        {
            sum += count;
        }

        Assert.Equal(reading.Allocations, sum);
        Assert.Equal(HookState.Fired, Hook(monitor, "mm_page_alloc").State);
    }

    [Fact]
    public void A_cgroup_at_its_limit_stalls_its_tasks_and_each_stall_is_timed()
    {
        MemoryMonitor monitor = Own(MemoryMonitor.Start());
        MemoryReading reading = monitor.NewReading();
        using var group = new MemoryGroup(64 * Mega);
        monitor.Read(reading);
        long stolen = Stolen(group), atLimit = group.AtLimit;
        var clock = Stopwatch.StartNew();
        group.FillPageCache(160 * Mega);
        TimeSpan took = clock.Elapsed;
        long pages = Stolen(group) - stolen, times = group.AtLimit - atLimit;
        monitor.Read(reading);

        Rounds.Figure("memcg reclaim", $"{reading.MemCg.Ended} stalls, {reading.MemCg.Pages} pages, the kernel counted {pages}; {times} times at the limit");
        Assert.True(times > 0);
        Assert.True(reading.MemCg.Begun > 0);
        Assert.Equal(reading.MemCg.Begun, reading.MemCg.Ended);
        Assert.Equal(0UL, reading.MemCg.Untimed);
        Assert.Equal(reading.MemCg.Ended, reading.MemCg.Duration.Count);
        Assert.InRange(reading.MemCg.Duration.Sum, 0, took.TotalSeconds);

        // v2 counts each time that a task had to reclaim; v1 counts charges that failed, and a failed batch is first tried again with a single page.
        Assert.InRange((long)reading.MemCg.Begun, group.IsV1 ? 1 : times, Math.Max(times, 1) * 2);

        // Kernel memory that shrinkers free is added by the kernel on some versions.
        Assert.InRange((long)reading.MemCg.Pages, pages * 99 / 100, (pages * 110 / 100) + 1000);
        Assert.All(monitor.Hooks.Where(static hook => hook.Name.Contains("memcg", StringComparison.Ordinal)), static hook => Assert.Equal(HookState.Fired, hook.State));
    }

    [Fact]
    public async Task The_victim_of_the_killer_is_named_with_its_cgroup()
    {
        MemoryMonitor monitor = Own(MemoryMonitor.Start());
        MemoryReading reading = monitor.NewReading();
        using var group = new MemoryGroup(16 * Mega);
        group.BeKilled();
        OomVictim victim = await NextOf<OomVictim>(monitor);
        monitor.Read(reading);

        Assert.Equal(1, group.Kills);
        Assert.True(reading.OomVictims >= 1);
        Assert.Equal(reading.OomVictims, reading.OomVictimsRead + reading.Dropped);
        Assert.Equal(HookState.Fired, Hook(monitor, "mark_victim").State);
        Assert.Equal(group.Path, victim.CGroup);
        Assert.True(victim.ThreadId > 0);
        if (victim.Name is not null)
        {
            Assert.Equal("hog", victim.Name);
            Assert.Equal(victim.ThreadId, victim.ProcessId);
            Assert.InRange(victim.AnonymousBytes, 12 * Mega, 17 * Mega);
        }

        // It takes all at once, which an emulated processor is slow enough to be warned of.
        OomWarningEnded end = await NextOf<OomWarningEnded>(monitor);
        Assert.Equal((Emulation.IsEmulated ? end.Outcome : OomOutcome.Missed, group.Path), (end.Outcome, end.CGroup));
        Assert.Contains(end.Outcome, new[] { OomOutcome.Missed, OomOutcome.Hit });
        Assert.All(reading.GroundTruths, static truth => Assert.True(truth.Holds, truth.ToString()));
    }

    [Fact]
    public void Victims_that_the_ring_has_no_room_for_are_counted()
    {
        // The ring has room for fewer records, and nobody reads.
        int kills = Math.Max(60, Rounds.Of(200));
        MemoryMonitor monitor = Own(MemoryMonitor.Start(new MemoryMonitorOptions { VictimBytes = 4096, Samples = false }));
        MemoryReading reading = monitor.NewReading();
        using var group = new MemoryGroup(4 * Mega);
        for (int i = 0; i < kills; i++)
        {
            group.BeKilled();
        }

        monitor.Read(reading);
        Assert.Equal(kills, group.Kills);
        Assert.Equal((ulong)kills, reading.OomVictims);
        Assert.InRange(reading.OomVictimsRead, 1UL, (ulong)kills - 1);
        Assert.Equal((ulong)kills - reading.OomVictimsRead, reading.Dropped);
        Rounds.Figure("OOM victims, consumer stopped", $"{kills} killed, {reading.OomVictimsRead} read, {reading.Dropped} dropped, {reading.Missed} missed");

        monitor.Read(reading);
        Assert.Equal((0UL, 0UL, 0UL), (reading.OomVictims, reading.OomVictimsRead, reading.Dropped));
    }

    [Fact]
    public async Task Growth_to_the_limit_is_warned_of_at_least_a_second_before_the_kill()
    {
        Emulation.OnlyInFull();
        int batches = Rounds.Of(10), kills, early;
        double[] leads;
        int attempts = Rounds.IsFull ? 1 : 3;
        do
        {
            // A monitor that gets no CPU for a second warns late: a busy machine may try again.
            leads = await LeadsOfGrowth(batches);
            kills = leads.Length;
            early = leads.Count(static lead => lead >= 1);
        }
        while (--attempts > 0 && !IsEarlyEnough());

        Rounds.Figure("OOM warnings", $"{early} of {kills} kills warned at least 1 s ahead; leads {string.Join(" ", leads.Select(static lead => lead.ToString("0.0", CultureInfo.InvariantCulture)))} s");
        Assert.True(IsEarlyEnough(), $"{early} of {kills} kills were warned of at least 1 s ahead: {string.Join(" ", leads)}");

        bool IsEarlyEnough() => early >= kills * 0.95 - (kills < 20 ? 1 : 0);
    }

    /// <summary>Lets groups grow into their limits, and returns by how many seconds each kill was warned of; 0 for not at all.</summary>
    private async Task<double[]> LeadsOfGrowth(int batches)
    {
        double[] rates = [0.20, 0.10, 0.20, 0.15, 0.20, 0.05];
        using MemoryMonitor monitor = MemoryMonitor.Start();
        var leads = new List<double>();
        for (int batch = 0; batch < batches; batch++)
        {
            var groups = new List<MemoryGroup>();
            try
            {
                foreach (double rate in rates)
                {
                    groups.Add(new MemoryGroup(64 * Mega));
                    Process hog = groups[^1].StartGrowing(0.25, rate);
                    _ = Task.Delay(1500, TestContext.Current.CancellationToken).ContinueWith(_ => MemoryGroup.Go(hog), TaskScheduler.Default);
                }

                Dictionary<string, OomWarningEnded> ended = await EndsOf(monitor, groups);
                Assert.All(groups, static group => Assert.Equal(1, group.Kills));
                leads.AddRange(groups.Select(group => ended[group.Path].LeadTime?.TotalSeconds ?? 0));
            }
            finally
            {
                groups.ForEach(static group => group.Dispose());
            }

            Rounds.Report("OOM warnings", (batch + 1) * rates.Length, batches * rates.Length);
        }

        return [.. leads];
    }

    [Fact]
    public void Page_cache_at_the_limit_does_not_warn()
    {
        MemoryMonitor monitor = Own(MemoryMonitor.Start());
        MemoryReading reading = monitor.NewReading();
        using var group = new MemoryGroup(64 * Mega);
        group.FillPageCache(200 * Mega);
        Thread.Sleep(2000);
        monitor.Read(reading);
        CGroupMemoryFigures figures = reading.CGroups.Single(one => one.Path == group.Path);
        Assert.False(figures.IsWarning);
        Assert.Equal(64 * Mega, figures.LimitBytes);
        Assert.InRange(figures.UsedBytes, 0, 32 * Mega);
        Assert.Equal((0UL, 0UL), (reading.WarningsRaised, reading.WarningsMissed));
    }

    [Fact]
    public async Task A_heap_that_is_collected_warns_at_most_once_while_learning()
    {
        Emulation.OnlyInFull();
        MemoryMonitor monitor = Own(MemoryMonitor.Start());
        using var group = new MemoryGroup(64 * Mega);
        Process hog = group.Start("saw", (16 * Mega).ToString(CultureInfo.InvariantCulture), (54 * Mega).ToString(CultureInfo.InvariantCulture), (12.8 * Mega).ToString(CultureInfo.InvariantCulture), "6");
        Assert.Equal("ready", await hog.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        MemoryGroup.Go(hog);
        await hog.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, hog.ExitCode);
        List<OomWarning> warnings = [.. Kept(monitor).OfType<OomWarning>().Where(warning => warning.CGroup == group.Path)];
        Assert.InRange(warnings.Count, 0, Emulation.IsEmulated ? 2 : 1);
        Assert.All(warnings.Take(1), static warning => Assert.True(warning.IsLearning));
    }

    [Theory]
    [InlineData("mm_page_alloc", "page_alloc")]
    [InlineData("mm_vmscan_memcg_reclaim_begin", "memcg_begin")]
    [InlineData("mm_vmscan_memcg_reclaim_end", "memcg_end")]
    [InlineData("mark_victim", "mark_victim")]
    public void A_hook_that_is_detached_is_blind_within_two_readings_in_which_its_counter_moved(string hook, string program)
    {
        Emulation.OnlyInFull();
        MemoryMonitor monitor = Own(MemoryMonitor.Start(new MemoryMonitorOptions { Samples = false }));
        MemoryReading reading = monitor.NewReading();
        Blinding.Detach(monitor.Loaded, LoadedProgram(monitor, program));

        // What it saw before is in this one.
        monitor.Read(reading);
        using var group = new MemoryGroup(16 * Mega);
        Blinding.ShowBlind(Hook(monitor, hook), () => ReadUnderStimulus(monitor, reading, hook, group));
        Assert.Equal(MonitorCondition.Degraded, reading.Condition);
        Assert.Contains(hook + " is blind", reading.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mm_page_alloc", "page_alloc")]
    [InlineData("mm_vmscan_memcg_reclaim_begin", "memcg_begin")]
    [InlineData("mm_vmscan_memcg_reclaim_end", "memcg_end")]
    [InlineData("mark_victim", "mark_victim")]
    public void A_hook_whose_program_does_nothing_is_blind_although_it_runs(string hook, string program)
    {
        Emulation.OnlyInFull();
        MemoryMonitor monitor = Own(MemoryMonitor.Start(new MemoryMonitorOptions { Samples = false, Load = HollowKernel.Load(program, program + "_classic") }));
        MemoryReading reading = monitor.NewReading();
        using var group = new MemoryGroup(16 * Mega);
        Blinding.ShowBlind(Hook(monitor, hook), () => ReadUnderStimulus(monitor, reading, hook, group));
        Assert.NotEmpty(monitor.Loaded.Live.Programs.Single(one => one.Name == LoadedProgram(monitor, program) && one.IsLoaded).Links);
    }

    [Fact]
    public void Classic_tracepoints_count_what_the_others_count() => Sandbox.WithTracing(static () =>
    {
        // The monitor takes them on preemptible kernels only; here they are attached beside it.
        MemorySkeleton.Spec spec = MemorySkeleton.Open();
        foreach (BpfProgramSpec program in spec.Object.Programs)
        {
            program.Enabled = program.Name.EndsWith("_classic", StringComparison.Ordinal);
        }

        spec.Maps.Counters.MaxEntries = (uint)PossibleCpus.Current.Numbers[^1] + 1;
        using MemorySkeleton classic = spec.Load();
        classic.Attach();
        using var group = new MemoryGroup(64 * Mega);
        group.FillPageCache(100 * Mega);
        group.BeKilled();
        ulong pages = 0, begun = 0, ended = 0, reclaimed = 0, victims = 0;
        var cpus = new MemorySkeleton.MemoryCounters[classic.Maps.Counters.Count];
        classic.Maps.Counters.CopyTo(cpus);
        foreach (MemorySkeleton.MemoryCounters cpu in cpus)
        {
            pages += cpu.Allocations[0];
            begun += cpu.Begun[1];
            ended += cpu.Ended[1];
            reclaimed += cpu.Pages[1];
            victims += cpu.Victims;
        }

        Assert.True(pages > 64 * Mega / 4096, $"{pages} allocations of one page");
        Assert.True(begun > 0 && reclaimed > 0, $"{begun} stalls, {reclaimed} pages");
        Assert.Equal(begun, ended);
        Assert.Equal(1UL, victims);
    });

    [Fact]
    public void Direct_reclaim_and_kswapd_are_seen_where_the_machine_is_short_of_memory()
    {
        Assert.SkipUnless(Emulation.IsEmulated, "makes the whole machine short of memory, so only in a guest");
        MemoryMonitor monitor = Own(MemoryMonitor.Start());
        MemoryReading reading = monitor.NewReading();
        monitor.Read(reading);
        const string Pool = "/proc/sys/vm/nr_hugepages";
        string before = File.ReadAllText(Pool);
        ulong stalls = 0, wakes = 0;
        try
        {
            // Huge pages more than fit into what is free. For these, page cache is taken back: by kswapd, and by the task that asks. What is free is an estimate, so more are asked for until it is seen.
            for (int more = 20; more <= 100 && (stalls == 0 || wakes == 0); more += 20)
            {
                File.WriteAllText(Pool, ((FreeKilobytes() / 2048) + long.Parse(File.ReadAllText(Pool), CultureInfo.InvariantCulture) + more).ToString(CultureInfo.InvariantCulture));
                monitor.Read(reading);
                Assert.All(reading.GroundTruths, static truth => Assert.True(truth.Holds, truth.ToString()));
                (stalls, wakes) = (stalls + reading.Direct.Begun, wakes + reading.KswapdWakes);
            }
        }
        finally
        {
            File.WriteAllText(Pool, before);
        }

        Rounds.Figure("direct reclaim", $"{stalls} stalls; kswapd woke {wakes} times");
        Assert.True(stalls > 0 && wakes > 0, $"{stalls} stalls; kswapd woke {wakes} times");
        Assert.All(monitor.Hooks.Where(static hook => hook.Name.Contains("direct", StringComparison.Ordinal) || hook.Name.Contains("kswapd", StringComparison.Ordinal)), static hook => Assert.Equal(HookState.Fired, hook.State));
    }

    [Fact]
    public void What_the_machine_does_not_have_is_stated()
    {
        string proc = Directory.CreateTempSubdirectory("hypermesh-proc-").FullName;
        string groups = Directory.CreateTempSubdirectory("hypermesh-nogroups-").FullName;
        try
        {
            foreach (string file in (string[])["vmstat", "meminfo"])
            {
                File.CreateSymbolicLink(Path.Combine(proc, file), "/proc/" + file);
            }

            MemoryMonitor monitor = Own(MemoryMonitor.Start(new MemoryMonitorOptions { ProcFs = proc, CGroupFs = groups }));
            MemoryReading reading = monitor.NewReading();
            monitor.Read(reading);
            Assert.Equal(MonitorCondition.Degraded, reading.Condition);
            Assert.Contains("PSI is off", reading.Reason, StringComparison.Ordinal);
            Assert.Contains("only the machine is watched", reading.Reason, StringComparison.Ordinal);
            Assert.Empty(reading.Pressure);
            Assert.Empty(reading.CGroups);
            Assert.True(reading.Machine.LimitBytes > 0);
        }
        finally
        {
            Directory.Delete(proc, recursive: true);
            Directory.Delete(groups);
        }
    }

    [Fact]
    public void Pressure_is_that_of_the_kernel()
    {
        MemoryMonitor monitor = Own(MemoryMonitor.Start());
        MemoryReading reading = monitor.NewReading();
        ulong beforeFirst = TotalOfPressure("cpu");
        monitor.Read(reading);
        Assert.SkipWhen(reading.Pressure.Count == 0, "PSI is off in this kernel");
        ulong afterFirst = TotalOfPressure("cpu");
        Burn();
        ulong beforeSecond = TotalOfPressure("cpu");
        monitor.Read(reading);
        ulong afterSecond = TotalOfPressure("cpu");
        Assert.Equal(3, reading.Pressure.Count);
        Assert.InRange(reading.Pressure.Single(static one => one.Resource == "cpu").SomeUs, beforeSecond - afterFirst, afterSecond - beforeFirst);
        Assert.True(beforeSecond > afterFirst, "nothing waited for a CPU");
    }

    // More threads than CPUs, so that some wait.
    private static void Burn()
    {
        long began = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromMilliseconds(500))
            {
                Thread.SpinWait(100);
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
    }

    private static ulong TotalOfPressure(string resource)
    {
        string line = File.ReadLines("/proc/pressure/" + resource).First();
        return ulong.Parse(line.AsSpan(line.IndexOf("total=", StringComparison.Ordinal) + 6), CultureInfo.InvariantCulture);
    }

    private static MonitorHook Hook(MemoryMonitor monitor, string name) => monitor.Hooks.Single(hook => hook.Name == name);

    // The classic tracepoint's program is loaded instead on a preemptible kernel.
    private static string LoadedProgram(MemoryMonitor monitor, string program)
        => monitor.Loaded.Live.Programs.Single(one => one.IsLoaded && (one.Name == program || one.Name == program + "_classic")).Name;

    private static void Touch(MemoryGroup group, ulong pages)
    {
        Process hog = group.Start("pages", pages.ToString(CultureInfo.InvariantCulture));
        hog.WaitForExit();
        Assert.Equal(0, hog.ExitCode);
    }

    private static void ReadUnderStimulus(MemoryMonitor monitor, MemoryReading reading, string hook, MemoryGroup group)
    {
        if (hook == "mark_victim")
        {
            group.BeKilled();
        }
        else if (hook == "mm_page_alloc")
        {
            using var large = new MemoryGroup(64 * Mega);
            Touch(large, 5000);
        }
        else
        {
            group.FillPageCache(40 * Mega);
        }

        monitor.Read(reading);
    }

    // What was taken back because of a cgroup: v1 has no count of its own for it, and that of the machine has it there.
    private static long Stolen(MemoryGroup group)
    {
        if (!group.IsV1)
        {
            return group.Stolen;
        }

        long all = 0;
        foreach (string line in File.ReadLines("/proc/vmstat"))
        {
            string[] words = line.Split(' ');
            all += words[0] switch
            {
                "pgsteal_anon" or "pgsteal_file" => long.Parse(words[1], CultureInfo.InvariantCulture),
                "pgsteal_kswapd" or "pgsteal_direct" or "pgsteal_khugepaged" or "pgsteal_proactive" => -long.Parse(words[1], CultureInfo.InvariantCulture),
                _ => 0,
            };
        }

        return all;
    }

    private static long FreeKilobytes()
        => long.Parse(File.ReadLines("/proc/meminfo").First(static line => line.StartsWith("MemFree:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static List<MemoryEvent> Kept(MemoryMonitor monitor)
    {
        var kept = new List<MemoryEvent>();
        while (monitor.TryRead(out MemoryEvent? happened))
        {
            kept.Add(happened);
        }

        return kept;
    }

    private static async Task<T> NextOf<T>(MemoryMonitor monitor)
        where T : MemoryEvent
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        await foreach (MemoryEvent happened in monitor.ReadAllAsync(patience.Token))
        {
            if (happened is T wanted)
            {
                return wanted;
            }
        }

        throw new InvalidOperationException($"no {typeof(T).Name} came");
    }

    // The last end of each group: a warning that ended too early was followed by another one, or by a kill without one.
    private static async Task<Dictionary<string, OomWarningEnded>> EndsOf(MemoryMonitor monitor, List<MemoryGroup> groups)
    {
        var ends = new Dictionary<string, OomWarningEnded>(StringComparer.Ordinal);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        await foreach (MemoryEvent happened in monitor.ReadAllAsync(patience.Token))
        {
            if (happened is OomWarningEnded { CGroup: { } path, Outcome: OomOutcome.Hit or OomOutcome.Missed } end && groups.Exists(group => group.Path == path))
            {
                ends.TryAdd(path, end);
            }

            if (ends.Count == groups.Count)
            {
                return ends;
            }
        }

        return ends;
    }
}
