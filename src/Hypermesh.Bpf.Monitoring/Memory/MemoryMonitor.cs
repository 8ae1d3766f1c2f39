using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Memory;
using Hypermesh.Bpf.Monitoring.Readings;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Measures reclaim stalls, page allocations, pressure and the memory of cgroups, reports each victim of the OOM killer, and warns before a cgroup or the machine reaches its limit (5.10).
/// A thread of its own samples cgroups up to ten times a second. The monitor owns its programs and detaches them when it is disposed.
/// </summary>
/// <example>
/// <code>
/// await using MemoryMonitor monitor = MemoryMonitor.Start();
/// await foreach (MemoryEvent happened in monitor.ReadAllAsync())
/// {
///     Console.WriteLine(happened);
/// }
/// </code>
/// </example>
public sealed class MemoryMonitor : KernelMonitor<MemoryReading>
{
    private const string AllocationHook = "mm_page_alloc";
    private const string DirectBegin = "mm_vmscan_direct_reclaim_begin";
    private const string DirectEnd = "mm_vmscan_direct_reclaim_end";
    private const string MemCgBegin = "mm_vmscan_memcg_reclaim_begin";
    private const string MemCgEnd = "mm_vmscan_memcg_reclaim_end";
    private const string KswapdHook = "mm_vmscan_kswapd_wake";
    private const string VictimHook = "mark_victim";
    private const string BeginType = "trace_event_raw_mm_vmscan_direct_reclaim_begin_template";
    private const string EndType = "trace_event_raw_mm_vmscan_direct_reclaim_end_template";
    private const int LargestOrder = 10;
    private const int KeptEvents = 1024;

    private static readonly string s_tooManyGroups = string.Create(CultureInfo.InvariantCulture, $"there are more cgroups with a limit than are watched ({LimitedGroups.Most:N0})");

    private readonly MemorySkeleton _memory;
    private readonly BpfMappedArray<MemorySkeleton.MemoryCounters> _counters;
    private readonly VmStat _vmStat;
    private readonly PressureFiles _pressure;
    private readonly ulong[] _lastSome = new ulong[PressureFiles.Resources.Count];
    private readonly ulong[] _lastFull = new ulong[PressureFiles.Resources.Count];
    private readonly int _mostGroups;
    private readonly MemoryWatch _watch;
    private readonly CGroupNames? _names;
    private readonly Channel<MemoryEvent> _events;
    private readonly BpfRecordHandler<MemorySkeleton.Victim> _takeVictim;
    private readonly List<WatchedGroup> _fullest = [];
    private readonly Lock _sampling = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly ulong[] _lastLeads = new ulong[OomLedger.NewLeadTimes().Slots.Length];
    private Thread? _thread;
    private string? _samplingFailed;
    private MemorySkeleton.MemoryCounters _last;
    private MemorySkeleton.MemoryCounters _next;
    private VmCounts _before;
    private VmCounts _after;
    private ulong _lastRead;
    private ulong _lastDropped;
    private ulong _lastLate;
    private ulong _overwritten;
    private ulong _lastLeadSum;
    private (ulong Raised, ulong Hits, ulong False, ulong Missed) _lastWarnings;

    private MemoryMonitor(LoadedMonitor<MemorySkeleton> loaded, MemoryMonitorOptions options, CGroupHierarchy? groups)
        : base("memory", loaded, options)
    {
        _memory = loaded.Skeleton;
        _counters = _memory.Maps.Counters.Map();
        _vmStat = new VmStat(options.ProcFs);
        _pressure = new PressureFiles(options.ProcFs);
        _mostGroups = options.MostGroups;
        _names = groups is null ? null : new CGroupNames(groups);
        _events = Channel.CreateBounded<MemoryEvent>(new BoundedChannelOptions(KeptEvents) { FullMode = BoundedChannelFullMode.DropOldest }, _ => _overwritten++);
        _watch = new MemoryWatch(groups, options.ProcFs, options.Horizon, happened => _events.Writer.TryWrite(happened));
        _takeVictim = TakeVictim;
        HasMemoryController = groups is not null;
    }

    /// <summary>Whether cgroups with the memory controller are mounted, so that cgroups are watched and not only the machine.</summary>
    public bool HasMemoryController { get; }

    /// <summary>The number of events that nobody read in time: the last 1,024 are kept.</summary>
    public ulong Overwritten => Interlocked.Read(ref _overwritten);

    /// <summary>The loaded programs and maps.</summary>
    internal MemorySkeleton Loaded => _memory;

    /// <summary>The sampling of cgroups.</summary>
    internal MemoryWatch Watch => _watch;

    /// <summary>Loads and attaches the programs, and starts the thread that samples. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF).</remarks>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfException">The load failed, or the kernel has none of the hooks.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static MemoryMonitor Start(MemoryMonitorOptions? options = null)
    {
        options ??= new MemoryMonitorOptions();
        CGroupHierarchy? groups = MemoryHierarchy(options);
        LoadedMonitor<MemorySkeleton> loaded = MonitorLoader.Load("memory", Chains(options.PageAllocations), options, static version => version is null ? MemorySkeleton.Open() : MemorySkeleton.Open(version), (spec, _) =>
        {
            spec.Globals.CgroupV1 = groups is { IsV1: true };
            spec.Maps.Counters.MaxEntries = (uint)PossibleCpus.Current.Numbers[^1] + 1;
            spec.Maps.Victims.MaxEntries = options.VictimBytes;
            if (!options.PageAllocations)
            {
                spec.Programs.PageAlloc.Enabled = spec.Programs.PageAllocClassic.Enabled = false;
            }
        }, static (spec, load) => spec.Load(load));

        MemoryMonitor? monitor = null;
        try
        {
            monitor = new MemoryMonitor(loaded, options, groups);
            monitor.Attach(loaded, options.Samples);
            return monitor;
        }
        catch
        {
            loaded.Undo(monitor);
            throw;
        }
    }

    /// <inheritdoc/>
    public override MemoryReading NewReading() => new();

    /// <summary>
    /// Reads what happens: victims of the OOM killer, warnings and their ends. Ends when the monitor is disposed. Each event goes to one reader; what nobody reads is kept, up to the last 1,024
    /// events, and counted in <see cref="Overwritten"/> beyond that.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>.</param>
    public IAsyncEnumerable<MemoryEvent> ReadAllAsync(CancellationToken cancellationToken = default) => _events.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Takes the oldest event that nobody has read yet; false when there is none.</summary>
    /// <param name="happened">The event.</param>
    public bool TryRead([NotNullWhen(true)] out MemoryEvent? happened) => _events.Reader.TryRead(out happened);

    /// <summary>The hooks of the monitor. Only the kinds of reclaim that stall tasks are counted; a preemptible kernel gets the classic tracepoints.</summary>
    /// <param name="pageAllocations">Whether page allocations are counted.</param>
    internal static IReadOnlyList<HookChain> Chains(bool pageAllocations)
    {
        string[] begin = ["int, unsigned_int", "unsigned_int, int, mem_cgroup"];
        string[] end = ["long_unsigned_int", "long_unsigned_int, mem_cgroup"];
        List<HookChain> chains =
        [
            Chain(DirectBegin, "direct_begin", BeginType + ":", begin),
            Chain(DirectEnd, "direct_end", EndType + ": nr_reclaimed", end),
            Chain(MemCgBegin, "memcg_begin", BeginType + ":", begin),
            Chain(MemCgEnd, "memcg_end", EndType + ": nr_reclaimed", end),
            Chain(KswapdHook, "kswapd_wake", "nid", "int, int, int"),
            new(VictimHook, false,
                new HookOption(HookSource.TpBtf, "mark_victim", VictimHook, "int", "task_struct, unsigned_int"),
                new HookOption(HookSource.Tracepoint, "mark_victim_classic", VictimHook, "pid")),
        ];
        if (pageAllocations)
        {
            chains.Add(Chain(AllocationHook, "page_alloc", "pfn, order", "page, unsigned_int, unsigned_int, int"));
        }

        return chains;
    }

    private static HookChain Chain(string name, string program, string fields, params string[] prototypes) => new(name, false,
        new HookOption(HookSource.Tracepoint, program + "_classic", name, fields),
        new HookOption(HookSource.TpBtf, program, name, prototypes));

    private protected override void Take(MemoryReading into)
    {
        (VmCounts lastBefore, VmCounts lastAfter) = (_before, _after);
        lock (_sampling)
        {
            // Victims are counted before they are written, so those read by now are all in the counts.
            DrainVictims();
            TakeCounts();
            ReadWatch(into);
        }

        for (int order = 0; order < MemorySkeleton.UInt64Array16.Length; order++)
        {
            into.AddAllocations(order, _next.Allocations[order] - _last.Allocations[order]);
        }

        into.Direct.Add(_last, _next, ReclaimFigures.DirectKind);
        into.MemCg.Add(_last, _next, ReclaimFigures.MemCgKind);
        into.KswapdWakes = _next.KswapdWakes - _last.KswapdWakes;
        into.OomVictims = _next.Victims - _last.Victims;
        ReadPressure(into);
        Compare(into, lastBefore, lastAfter);
        ObserveHooks(into, lastAfter);
        if (_samplingFailed is not null)
        {
            into.Degrade(_samplingFailed);
        }
    }

    private protected override void SaveCounts(ref StateWriter into)
    {
        into.Write(_next);
        into.Write(_before);
        into.Write(_after);
        into.Write(_lastRead);
        into.Write(_lastDropped);
        into.WriteAll<ulong>(_lastSome);
        into.WriteAll<ulong>(_lastFull);
    }

    private protected override bool TryRestoreCounts(StateReader from)
    {
        _next = from.Read<MemorySkeleton.MemoryCounters>();
        (_before, _after) = (from.Read<VmCounts>(), from.Read<VmCounts>());
        (_lastRead, _lastDropped) = (from.Read<ulong>(), from.Read<ulong>());
        from.ReadAll<ulong>(_lastSome);
        from.ReadAll<ulong>(_lastFull);
        return true;
    }

    private protected override void DisposeOwn()
    {
        _stop.Set();
        _thread?.Join();
        _events.Writer.TryComplete();
        _vmStat.Dispose();
        _pressure.Dispose();
        _watch.Dispose();
        _stop.Dispose();
    }

    private static CGroupHierarchy? MemoryHierarchy(MemoryMonitorOptions options)
    {
        CGroupHierarchy? found = CGroupHierarchy.Find("memory", options.CGroupFs, options.ProcFs);

        // The unified hierarchy has the controller only where v1 does not.
        return found is { IsV1: false } && !HasController(found.Root) ? null : found;
    }

    private static bool HasController(string root)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, "cgroup.controllers")).Split([' ', '\n']).Contains("memory", StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void ReadPressure(MemoryReading into)
    {
        for (int resource = 0; resource < _lastSome.Length; resource++)
        {
            if (!_pressure.TryRead(resource, out ulong some, out ulong full))
            {
                into.Degrade("there are no pressure stall times: PSI is off in this kernel (boot with psi=1)");
                return;
            }

            PressureFigures figures = into.PressureAt(resource);
            (figures.SomeUs, figures.FullUs) = (some - _lastSome[resource], full - _lastFull[resource]);
            (_lastSome[resource], _lastFull[resource]) = (some, full);
        }

        into.HasPressure = true;
    }

    private void ReadWatch(MemoryReading into)
    {
        ulong read = _memory.Globals.VictimsRead;
        into.OomVictimsRead = Saturating.Subtract(read, _lastRead);
        _lastRead = read;

        // The kernel's counter of dropped records can only have moved when records are missing.
        if (_next.Victims != read + _lastDropped)
        {
            ulong dropped = _memory.Maps.Victims.Dropped;
            into.Dropped = Saturating.Subtract(dropped, _lastDropped);
            _lastDropped = dropped;
        }

        into.Machine.Take(_watch.Machine);
        (into.LimitedGroups, into.AllGroups) = (_watch.GroupList.Count, _watch.AllGroups);
        TakeFullest(into);
        TakeWarnings(into);
        if (_watch.RefusedGroups > 0)
        {
            into.Degrade(s_tooManyGroups);
        }

        if (_watch.LateSamples > _lastLate)
        {
            into.Degrade("samples of cgroups close to their limits came late, because there are too many of them or too little CPU: warnings may come late");
            _lastLate = _watch.LateSamples;
        }

        if (!HasMemoryController)
        {
            into.Degrade("no cgroups with the memory controller are mounted: only the machine is watched");
        }
    }

    private void TakeFullest(MemoryReading into)
    {
        _fullest.Clear();
        foreach (WatchedGroup group in CollectionsMarshal.AsSpan(_watch.GroupList))
        {
            if (group.HasMemory)
            {
                _fullest.Add(group);
            }
        }

        _fullest.Sort(static (a, b) => b.Share.CompareTo(a.Share));
        for (int i = 0; i < Math.Min(_fullest.Count, _mostGroups); i++)
        {
            into.AddCGroup().Take(_fullest[i]);
        }
    }

    private void TakeWarnings(MemoryReading into)
    {
        OomLedger ledger = _watch.Ledger;
        into.WarningsRaised = ledger.Raised - _lastWarnings.Raised;
        into.WarningsHit = ledger.Hits - _lastWarnings.Hits;
        into.WarningsFalse = ledger.False - _lastWarnings.False;
        into.WarningsMissed = ledger.Missed - _lastWarnings.Missed;
        into.LeadTime.Add(_lastLeads, _lastLeadSum, ledger.LeadTimes, ledger.LeadSumNs);
        ledger.LeadTimes.CopyTo(_lastLeads);
        _lastLeadSum = ledger.LeadSumNs;
        _lastWarnings = (ledger.Raised, ledger.Hits, ledger.False, ledger.Missed);
    }

    private void Compare(MemoryReading into, in VmCounts lastBefore, in VmCounts lastAfter)
    {
        // A task that is already dying is marked as a victim without being counted as a kill, so there is no upper bound.
        ulong kills = _before.OomKills - lastAfter.OomKills;
        into.Add(new GroundTruth(MetricTable.OomKills.Name, "oom_kill of /proc/vmstat", into.OomVictims, kills, Math.Max(into.OomVictims, _after.OomKills - lastBefore.OomKills)));

        ulong leastStalls = (_before.Stalls - lastAfter.Stalls + VmCounts.AttemptsPerStall - 1) / VmCounts.AttemptsPerStall;
        into.Add(new GroundTruth(MetricTable.ReclaimDuration.Name, "allocstall of /proc/vmstat", into.Direct.Begun, leastStalls, _after.Stalls - lastBefore.Stalls));
        into.Add(new GroundTruth(MetricTable.KswapdWakes.Name, "pageoutrun of /proc/vmstat", into.KswapdWakes, _before.KswapdRuns - lastAfter.KswapdRuns, _after.KswapdRuns - lastBefore.KswapdRuns));
        if (into.Allocations > 0)
        {
            // Pages that are allocated in bulk are counted by the kernel and pass no tracepoint.
            ulong high = _after.AllocatedPages - lastBefore.AllocatedPages;
            into.UntracedPages = high > into.AllocatedPages ? high - into.AllocatedPages : 0;

            // The kernel counts the pages before it calls the hook: on each CPU an allocation may be held between the two.
            into.Add(new GroundTruth(
                MetricTable.PageAllocations.Name, "pgalloc of /proc/vmstat", into.AllocatedPages, 0, high + ((_after.Compacted - lastBefore.Compacted) << LargestOrder), PossibleCpus.Current.Count << LargestOrder));
        }
    }

    private void ObserveHooks(MemoryReading into, in VmCounts last)
    {
        ulong stalls = _before.Stalls - last.Stalls;
        ulong kswapd = _before.KswapdRuns - last.KswapdRuns;

        // Under v1 kswapd and direct reclaim also shrink cgroups above their soft limit, which is counted as scanned for cgroups and stalls no task at a limit.
        bool isScanned = _before.ScannedForCGroups > last.ScannedForCGroups || _before.ScannedDirectly > last.ScannedDirectly;
        ulong? memCg = stalls > 0 || kswapd > 0 ? null : isScanned ? 1UL : 0UL;
        foreach (MonitorHook hook in into.HookArray)
        {
            (ulong fired, ulong? expected) = hook.Name switch
            {
                DirectBegin => (into.Direct.Begun, stalls),
                DirectEnd => (into.Direct.Ended, stalls),
                MemCgBegin => (into.MemCg.Begun, memCg),
                MemCgEnd => (into.MemCg.Ended, memCg),
                KswapdHook => (into.KswapdWakes, kswapd),
                VictimHook => (into.OomVictims, _before.OomKills - last.OomKills),
                _ => (into.Allocations, (ulong?)((_before.AllocatedPages - last.AllocatedPages) >> LargestOrder)),
            };
            hook.Observe(fired, expected);
        }
    }

    private void Attach(LoadedMonitor<MemorySkeleton> loaded, bool samples)
    {
        loaded.Attach();
        if (!Hooks.Any(static hook => hook.State != HookState.Absent))
        {
            throw new BpfException($"the memory monitor cannot run here: {string.Join("; ", Hooks.Select(static hook => $"{hook.Name}: {hook.Reason}"))}", "memory", null);
        }

        if (!TryContinue())
        {
            TakeCounts();
            (_lastRead, _lastDropped) = (_memory.Globals.VictimsRead, loaded.IsAdopted ? _memory.Maps.Victims.Dropped : 0);
            for (int resource = 0; resource < _lastSome.Length; resource++)
            {
                _ = _pressure.TryRead(resource, out _lastSome[resource], out _lastFull[resource]);
            }

            Begin();
        }

        if (samples)
        {
            // A reading may come before the thread's first sample.
            _watch.Tick(BootClock.Now);
            _thread = new Thread(Sample) { IsBackground = true, Name = "hypermesh-memory" };
            _thread.Start();
        }
    }

    private void Sample()
    {
        try
        {
            do
            {
                lock (_sampling)
                {
                    DrainVictims();
                    _watch.Tick(BootClock.Now);
                }
            }
            while (!_stop.Wait(MemoryWatch.Period));
        }
        catch (ObjectDisposedException)
        {
            // The programs are unloaded first.
        }
        catch (Exception exception) when (exception is BpfException or IOException or UnauthorizedAccessException)
        {
            _samplingFailed = $"cgroups are not sampled any more: {exception.Message}";
        }
    }

    private void DrainVictims() => _memory.Maps.Victims.Consume(_takeVictim);

    private void TakeVictim(ref readonly MemorySkeleton.Victim victim)
    {
        _memory.Globals.VictimsRead++;
        long time = (long)victim.TimeNs;
        string? path = _names?.PathOf(victim.Cgroup);
        bool known = victim.IsKnown != 0;
        _events.Writer.TryWrite(new OomVictim(
            time, (int)victim.Pid, (int)victim.Tid, known ? NameOf(victim.Comm) : null, path,
            (long)victim.AnonPages * Environment.SystemPageSize, (long)victim.FilePages * Environment.SystemPageSize, (long)victim.ShmemPages * Environment.SystemPageSize));
        _watch.Kill(path, time);
    }

    private static string NameOf(ReadOnlySpan<byte> comm)
    {
        int end = comm.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? comm : comm[..end]);
    }

    private void TakeCounts()
    {
        _last = _next;
        _before = _vmStat.Read();
        CounterTotals.Sum(_counters, out _next);
        _after = _vmStat.Read();
    }
}

/// <summary>The options for the start of a <see cref="MemoryMonitor"/>.</summary>
public sealed class MemoryMonitorOptions : MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public MemoryMonitorOptions()
    {
    }

    internal MemoryMonitorOptions(MonitorOptions other)
        : base(other)
    {
    }

    /// <summary>Counts page allocations by order. Costs a run of a program at each of them.</summary>
    public bool PageAllocations { get; init; } = true;

    /// <summary>How far ahead a warning looks. With 5 s a start-up that levels off does not warn; kills come sooner after the warning.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most cgroups in a reading: the fullest ones. All are watched.</summary>
    public int MostGroups { get; init; } = 100;

    /// <summary>The size of the ring of victims; tests make it small.</summary>
    internal uint VictimBytes { get; init; } = 64 * 1024;

    /// <summary>Whether the thread that samples and reads victims runs; tests stop it.</summary>
    internal bool Samples { get; init; } = true;
}
