using System.Globalization;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Memory;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// What happened to memory between two readings. It is created once by <see cref="MemoryMonitor.NewReading"/> and filled by each <see cref="KernelMonitor{TReading}.Read(TReading)"/>, so that
/// reading allocates nothing.
/// </summary>
public sealed class MemoryReading : MonitorReading
{
    private const string Ring = "victims";

    private static readonly string[] s_orders = [.. Enumerable.Range(0, MemorySkeleton.UInt64Array16.Length).Select(static order => order.ToString(CultureInfo.InvariantCulture))];

    private readonly ulong[] _allocations = new ulong[s_orders.Length];
    private readonly PressureFigures[] _pressure = [.. PressureFiles.Resources.Select(static resource => new PressureFigures(resource))];
    private readonly List<CGroupMemoryFigures> _groups = [];
    private readonly Stack<CGroupMemoryFigures> _spare = new();

    internal MemoryReading()
    {
    }

    /// <summary>Stalls of tasks that reclaimed because the machine was short of memory.</summary>
    public ReclaimFigures Direct { get; } = new("direct");

    /// <summary>Stalls of tasks that reclaimed because their cgroup was at its limit.</summary>
    public ReclaimFigures MemCg { get; } = new("memcg");

    /// <summary>Page allocations by order: at index 3 those of 8 pages. The last one has all greater orders too.</summary>
    public ReadOnlySpan<ulong> AllocationsByOrder => _allocations;

    /// <summary>The number of page allocations that the monitor saw.</summary>
    public ulong Allocations { get; private set; }

    /// <summary>The pages of these allocations.</summary>
    public ulong AllocatedPages { get; private set; }

    /// <summary>Pages that the kernel handed out in bulk, or without the tracepoint for another reason: its own count less <see cref="AllocatedPages"/>. Null where page allocations are not counted.</summary>
    public ulong? UntracedPages { get; internal set; }

    /// <summary>Wake-ups of kswapd, the kernel's thread that reclaims in the background.</summary>
    public ulong KswapdWakes { get; internal set; }

    /// <summary>Threads that the OOM killer chose.</summary>
    public ulong OomVictims { get; internal set; }

    /// <summary>Of these, events that were read; the others are <see cref="MonitorReading.Dropped"/> or still in the ring.</summary>
    public ulong OomVictimsRead { get; internal set; }

    /// <summary>Pressure stall times of the machine, as the kernel counts them; empty where PSI is off.</summary>
    public IReadOnlyList<PressureFigures> Pressure => HasPressure ? _pressure : [];

    /// <summary>The machine as a whole.</summary>
    public CGroupMemoryFigures Machine { get; } = new();

    /// <summary>The cgroups that have a limit, the fullest first, at most <see cref="MemoryMonitorOptions.MostGroups"/>. The list is reused by the next reading.</summary>
    public IReadOnlyList<CGroupMemoryFigures> CGroups => _groups;

    /// <summary>The number of cgroups that have a limit.</summary>
    public int LimitedGroups { get; internal set; }

    /// <summary>The number of all cgroups at the last walk.</summary>
    public int AllGroups { get; internal set; }

    /// <summary>Warnings that began.</summary>
    public ulong WarningsRaised { get; internal set; }

    /// <summary>Warnings after which a kill came.</summary>
    public ulong WarningsHit { get; internal set; }

    /// <summary>Warnings that ended without a kill.</summary>
    public ulong WarningsFalse { get; internal set; }

    /// <summary>Kills without a warning.</summary>
    public ulong WarningsMissed { get; internal set; }

    /// <summary>The times between warnings and kills, in seconds.</summary>
    public Exp2Histogram LeadTime { get; } = OomLedger.NewLeadTimes();

    internal bool HasPressure { get; set; }

    internal PressureFigures PressureAt(int resource) => _pressure[resource];

    internal void AddAllocations(int order, ulong count)
    {
        _allocations[order] += count;
        Allocations += count;
        AllocatedPages += count << order;
    }

    internal CGroupMemoryFigures AddCGroup()
    {
        if (!_spare.TryPop(out CGroupMemoryFigures? group))
        {
            group = new CGroupMemoryFigures();
        }

        _groups.Add(group);
        return group;
    }

    internal override void Report(IFigureSink sink)
    {
        Report(sink, Direct);
        Report(sink, MemCg);
        for (int order = 0; order < _allocations.Length; order++)
        {
            if (_allocations[order] > 0)
            {
                sink.Add(MetricTable.PageAllocations, _allocations[order], new MetricLabels(s_orders[order]));
            }
        }

        sink.Add(MetricTable.KswapdWakes, KswapdWakes);
        if (HasPressure)
        {
            foreach (PressureFigures pressure in _pressure)
            {
                sink.Add(MetricTable.PressureStallTime, pressure.SomeUs / 1e6, new MetricLabels(pressure.Resource, "some"));
                sink.Add(MetricTable.PressureStallTime, pressure.FullUs / 1e6, new MetricLabels(pressure.Resource, "full"));
            }
        }

        Report(sink, Machine);
        foreach (CGroupMemoryFigures group in _groups)
        {
            Report(sink, group);
        }

        sink.Add(MetricTable.OomKills, OomVictims);
        sink.Add(MetricTable.OomWarnings, WarningsHit, new MetricLabels("hit"));
        sink.Add(MetricTable.OomWarnings, WarningsFalse, new MetricLabels("false"));
        sink.Add(MetricTable.OomWarnings, WarningsMissed, new MetricLabels("missed"));
        sink.Add(MetricTable.OomLeadTime, LeadTime);
        var labels = new MetricLabels("memory", Ring);
        sink.Add(MetricTable.EventsProduced, OomVictims, labels);
        sink.Add(MetricTable.EventsDelivered, OomVictimsRead, labels);
        sink.Add(MetricTable.EventsDropped, Dropped, labels);
    }

    internal override void Clear()
    {
        Direct.Clear();
        MemCg.Clear();
        Array.Clear(_allocations);
        (Allocations, AllocatedPages, UntracedPages, KswapdWakes, OomVictims, OomVictimsRead) = (0, 0, null, 0, 0, 0);
        (WarningsRaised, WarningsHit, WarningsFalse, WarningsMissed) = (0, 0, 0, 0);
        LeadTime.Clear();
        HasPressure = false;
        foreach (CGroupMemoryFigures group in _groups)
        {
            _spare.Push(group);
        }

        _groups.Clear();
    }

    private static void Report(IFigureSink sink, ReclaimFigures reclaim)
    {
        var labels = new MetricLabels(reclaim.Kind);
        sink.Add(MetricTable.ReclaimDuration, reclaim.Duration, labels);
        sink.Add(MetricTable.ReclaimedPages, reclaim.Pages, labels);
    }

    private static void Report(IFigureSink sink, CGroupMemoryFigures group)
    {
        var labels = new MetricLabels(group.Path);
        sink.Set(MetricTable.CGroupMemoryUsage, group.UsedBytes, labels);
        sink.Set(MetricTable.CGroupMemoryLimit, group.LimitBytes, labels);
        if (group.BytesPerSecond is { } slope)
        {
            sink.Set(MetricTable.CGroupMemorySlope, slope, labels);
        }

        if (group.SecondsToLimit is { } seconds)
        {
            sink.Set(MetricTable.CGroupTimeToLimit, seconds, labels);
        }
    }
}

/// <summary>Stalls of tasks in reclaim of one kind.</summary>
public sealed class ReclaimFigures
{
    /// <summary>The indices of the kinds in the C (<c>enum reclaim_kind</c>).</summary>
    internal const int DirectKind = 0;

    /// <inheritdoc cref="DirectKind"/>
    internal const int MemCgKind = 1;

    internal ReclaimFigures(string kind) => Kind = kind;

    /// <summary>The kind: <c>direct</c> or <c>memcg</c>.</summary>
    public string Kind { get; }

    /// <summary>How long tasks were stalled, in seconds.</summary>
    public Exp2Histogram Duration { get; } = Exp2Histogram.OfTimes(MemorySkeleton.UInt64Array40.Length);

    /// <summary>Stalls that began.</summary>
    public ulong Begun { get; private set; }

    /// <summary>Stalls that ended.</summary>
    public ulong Ended { get; private set; }

    /// <summary>Stalls that ended and are not in <see cref="Duration"/>, because their beginning was not seen.</summary>
    public ulong Untimed { get; private set; }

    /// <summary>Pages that were reclaimed.</summary>
    public ulong Pages { get; private set; }

    internal void Add(in MemorySkeleton.MemoryCounters from, in MemorySkeleton.MemoryCounters to, int kind)
    {
        Begun += to.Begun[kind] - from.Begun[kind];
        Ended += to.Ended[kind] - from.Ended[kind];
        Untimed += to.Untimed[kind] - from.Untimed[kind];
        Pages += to.Pages[kind] - from.Pages[kind];
        if (kind == DirectKind)
        {
            Duration.Add(from.Direct, from.StallNs[kind], to.Direct, to.StallNs[kind]);
        }
        else
        {
            Duration.Add(from.Memcg, from.StallNs[kind], to.Memcg, to.StallNs[kind]);
        }
    }

    internal void Clear()
    {
        (Begun, Ended, Untimed, Pages) = (0, 0, 0, 0);
        Duration.Clear();
    }
}

/// <summary>Pressure stall time of one resource (PSI).</summary>
public sealed class PressureFigures
{
    internal PressureFigures(string resource) => Resource = resource;

    /// <summary>The resource: <c>cpu</c>, <c>memory</c>, <c>io</c>.</summary>
    public string Resource { get; }

    /// <summary>The time in which some task waited for it, in microseconds.</summary>
    public ulong SomeUs { get; internal set; }

    /// <summary>The time in which all tasks that could have run waited for it, in microseconds.</summary>
    public ulong FullUs { get; internal set; }
}

/// <summary>The memory of a cgroup that has a limit, or of the machine.</summary>
public sealed class CGroupMemoryFigures
{
    internal CGroupMemoryFigures()
    {
    }

    /// <summary>The path of the cgroup; <c>/</c> for the machine.</summary>
    public string Path { get; internal set; } = "/";

    /// <summary>Memory that cannot be reclaimed, without what is swapped out.</summary>
    public long UsedBytes { get; internal set; }

    /// <summary>What is swapped out.</summary>
    public long SwappedBytes { get; internal set; }

    /// <summary>Its own limit; the machine's memory for the machine.</summary>
    public long LimitBytes { get; internal set; }

    /// <summary>How much it can still grow: up to its own limit, one above it, or the machine's memory, with the swap that can be used. Null while it is far from its limit.</summary>
    public long? RoomBytes { get; internal set; }

    /// <summary>Its growth; negative when it shrinks, null while it is far from its limit.</summary>
    public double? BytesPerSecond { get; internal set; }

    /// <summary>The time until it reaches the limit at that growth; null when it does not grow, or is far from it.</summary>
    public double? SecondsToLimit { get; internal set; }

    /// <summary>Whether a warning is open.</summary>
    public bool IsWarning { get; internal set; }

    internal void Take(WatchedGroup group)
    {
        (Path, UsedBytes, SwappedBytes, LimitBytes, IsWarning) = (group.Path, group.Used, group.Swapped, group.Limit, group.Warning is not null);
        OomPredictor? predictor = group.IsNear || group.Folder.IsEmpty ? group.Predictor : null;
        (RoomBytes, BytesPerSecond, SecondsToLimit) = (predictor?.Room, predictor?.Slope, predictor?.TimeToLimit);
    }
}
