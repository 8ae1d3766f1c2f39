using System.Globalization;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Memory;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Memory;

/// <summary>The watch over folders that look like cgroups, with a clock of the test's own.</summary>
public sealed class MemoryWatchTests : IDisposable
{
    private const long Mega = 1 << 20;
    private const long Tick = 100_000_000;

    private readonly string _root = InMemory("hypermesh-cgroups-");
    private readonly string _proc = InMemory("hypermesh-proc-");
    private readonly List<MemoryEvent> _events = [];
    private long _now = 1_000_000_000;

    public MemoryWatchTests() => SetMachine(available: 15_000_000);

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        Directory.Delete(_proc, recursive: true);
    }

    [Fact]
    public void Growth_to_the_limit_is_warned_of_and_the_kill_is_a_hit()
    {
        Group("a", limit: 100 * Mega);
        using MemoryWatch watch = Watch();
        for (int i = 0; i < 45; i++)
        {
            Set("a", (10 + (2 * i)) * Mega);
            Step(watch);
        }

        OomWarning warning = Assert.IsType<OomWarning>(Assert.Single(_events));
        Assert.Equal(("/a", "/a", true), (warning.CGroup, warning.Limited, warning.IsLearning));
        Assert.InRange(warning.BytesPerSecond, 15 * Mega, 25 * Mega);
        watch.Kill("/a/child", _now);
        OomWarningEnded ended = Assert.IsType<OomWarningEnded>(_events[1]);
        Assert.Equal((OomOutcome.Hit, "/a", warning), (ended.Outcome, ended.CGroup, ended.Warning));
        Assert.Equal(_now - warning.TimeNs, ended.LeadTime!.Value.Ticks * 100);
        Assert.Equal((1UL, 1UL, 0UL, 0UL), (watch.Ledger.Raised, watch.Ledger.Hits, watch.Ledger.False, watch.Ledger.Missed));

        // A second victim of the same shortage is not a new event.
        watch.Kill("/a/child", _now + Tick);
        Assert.Equal(2, _events.Count);
    }

    [Fact]
    public void A_kill_is_found_by_the_kernels_counter_where_its_event_was_lost()
    {
        Group("a", limit: 100 * Mega);
        using MemoryWatch watch = Watch();
        for (int i = 0; i < 40; i++)
        {
            Set("a", (10 + (2 * i)) * Mega);
            Step(watch);
        }

        File.WriteAllText(Path.Combine(_root, "a/memory.events"), "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n");
        Step(watch);
        Assert.Equal(OomOutcome.Hit, Assert.IsType<OomWarningEnded>(_events[^1]).Outcome);
    }

    [Fact]
    public void A_kill_without_a_warning_is_missed()
    {
        Group("a", limit: 100 * Mega);
        using MemoryWatch watch = Watch();
        Step(watch);
        watch.Kill("/a", _now);
        watch.Kill(null, _now);
        Assert.All(_events, static e => Assert.Equal(OomOutcome.Missed, Assert.IsType<OomWarningEnded>(e).Outcome));
        Assert.Equal(2UL, watch.Ledger.Missed);
    }

    [Fact]
    public void Page_cache_at_the_limit_does_not_warn()
    {
        Group("a", limit: 100 * Mega);
        using MemoryWatch watch = Watch();
        for (int i = 0; i < 100; i++)
        {
            long usage = Math.Min(100, 2 * i) * Mega;
            Write("a", "memory.current", usage);
            File.WriteAllText(Path.Combine(_root, "a/memory.stat"), $"anon {10 * Mega}\nfile {usage - (10 * Mega)}\n");
            Step(watch);
        }

        Assert.Empty(_events);
        Assert.Equal(1, watch.NearGroups);
        Assert.Equal(10 * Mega, watch.GroupList[0].Used);
    }

    [Fact]
    public void The_limit_of_a_group_above_binds()
    {
        Group("pod", limit: 100 * Mega);
        Group("pod/app", limit: 90 * Mega);
        Group("pod/other", limit: long.MaxValue);
        using MemoryWatch watch = Watch();
        for (int i = 0; i < 30; i++)
        {
            // The other container holds 40 MB, so the app ends at 60.
            Set("pod/app", (10 + (2 * i)) * Mega);
            Set("pod", (50 + (2 * i)) * Mega);
            Step(watch);
        }

        OomWarning app = _events.OfType<OomWarning>().Single(static warning => warning.CGroup == "/pod/app");
        Assert.Equal("/pod", app.Limited);
        Assert.Contains(_events.OfType<OomWarning>(), static warning => warning.CGroup == "/pod");
        Assert.Equal(2, watch.GroupList.Count);

        // The killer chose another task of the pod: both warnings were right.
        watch.Kill("/pod/other", _now);
        Assert.Equal((2UL, 0UL), (watch.Ledger.Hits, watch.Ledger.Missed));
    }

    [Fact]
    public void A_group_that_vanishes_is_forgotten_with_its_warning()
    {
        Group("a", limit: 100 * Mega);
        using MemoryWatch watch = Watch();
        for (int i = 0; i < 40; i++)
        {
            Set("a", (10 + (2 * i)) * Mega);
            Step(watch);
        }

        Assert.Single(watch.Ledger.Open);
        Directory.Delete(Path.Combine(_root, "a"), recursive: true);
        for (int i = 0; i < 15; i++)
        {
            Step(watch);
        }

        Assert.Empty(watch.GroupList);
        Assert.Equal(0, watch.NearGroups);
        Assert.Empty(watch.Ledger.Open);
        Assert.Equal(1UL, watch.Ledger.False);
    }

    [Fact]
    public void The_machine_is_watched_without_any_cgroup()
    {
        using var watch = new MemoryWatch(null, _proc, TimeSpan.FromSeconds(10), _events.Add);
        for (int i = 0; i < 80; i++)
        {
            SetMachine(available: 8_000_000 - (100_000 * i));
            Step(watch);
        }

        Assert.Equal("/", Assert.IsType<OomWarning>(_events[0]).CGroup);
        watch.Kill("/anything", _now);
        Assert.Equal(OomOutcome.Hit, Assert.IsType<OomWarningEnded>(_events[1]).Outcome);
    }

    [Fact]
    public void Ten_thousand_groups_are_not_all_read_each_time_and_no_more_than_the_limit_is_kept()
    {
        const int Many = 10_000;
        for (int i = 0; i < Many; i++)
        {
            Group(i.ToString(CultureInfo.InvariantCulture), limit: i % 2 == 0 ? 100 * Mega : long.MaxValue);
        }

        using MemoryWatch watch = Watch();
        Step(watch);
        Assert.Equal((Many / 2, Many + 1, 0), (watch.GroupList.Count, watch.AllGroups, watch.RefusedGroups));

        // 40 looks and 5 samples a tick, the machine, and what the one group near its limit needs.
        ulong before = watch.FileReads;
        long grown = 10;
        for (int i = 0; i < 130; i++)
        {
            Step(watch);
        }

        Assert.InRange((watch.FileReads - before) / 130.0, 1, 47);

        // Each was looked at within 12.5 s. One that grows is sampled ten times a second from then on.
        for (int i = 0; i < 130; i++)
        {
            Set("0", Math.Min(60, grown++) * Mega);
            Step(watch);
        }

        Assert.Equal(1, watch.NearGroups);
        Assert.InRange((watch.FileReads - before) / 260.0, 1, 48);
    }

    [Fact]
    public void Groups_beyond_the_limit_are_counted()
    {
        for (int i = 0; i < 30; i++)
        {
            Group(i.ToString(CultureInfo.InvariantCulture), limit: 100 * Mega);
        }

        var groups = new LimitedGroups(new CGroupHierarchy(_root, IsV1: false), new CGroupMemoryFiles(false), most: 20);
        Assert.False(groups.Step(5, long.MaxValue, hasSwap: false));
        Assert.True(groups.Step(1000, long.MaxValue, hasSwap: false));
        Assert.Equal((20, 10, 31), (groups.All.Count, groups.Refused, groups.Visited));
    }

    // Where there is one, a file system in memory, as cgroups are: a disk takes ten times as long to make and delete 50,000 small files.
    private static string InMemory(string prefix)
        => Directory.Exists("/dev/shm") ? Directory.CreateDirectory($"/dev/shm/{prefix}{Guid.NewGuid():N}").FullName : Directory.CreateTempSubdirectory(prefix).FullName;

    private MemoryWatch Watch() => new(new CGroupHierarchy(_root, IsV1: false), _proc, TimeSpan.FromSeconds(10), _events.Add);

    private void Step(MemoryWatch watch)
    {
        watch.Tick(_now);
        _now += Tick;
    }

    private void Group(string name, long limit)
    {
        Directory.CreateDirectory(Path.Combine(_root, name));
        File.WriteAllText(Path.Combine(_root, name, "memory.max"), limit == long.MaxValue ? "max\n" : $"{limit}\n");
        File.WriteAllText(Path.Combine(_root, name, "memory.events"), "oom_kill 0\n");
        Set(name, Mega);
    }

    private void Set(string name, long anonymous)
    {
        Write(name, "memory.current", anonymous);
        File.WriteAllText(Path.Combine(_root, name, "memory.stat"), $"anon {anonymous}\nfile 0\n");
    }

    private void Write(string name, string file, long value) => File.WriteAllText(Path.Combine(_root, name, file), value.ToString(CultureInfo.InvariantCulture) + "\n");

    private void SetMachine(long available)
        => File.WriteAllText(Path.Combine(_proc, "meminfo"), $"MemTotal:       16000000 kB\nMemFree:        1000 kB\nMemAvailable:   {Math.Max(0, available)} kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n");
}
