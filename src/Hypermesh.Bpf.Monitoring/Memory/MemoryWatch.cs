using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Monitoring.Memory;

/// <summary>
/// Samples the cgroups that have a limit, and the machine, ten times a second at most, and predicts which will reach it.
/// </summary>
/// <remarks>
/// The policy. A group is <em>far</em> while all that it has charged, page cache included, is below 40 % of its limit: it is looked at four times a second with one small file, at most 400 looks a
/// second in all, so with 1,000 far groups each is looked at every 2.5 s. Above that it is <em>near</em>: <c>memory.stat</c> is read four times a second, ten times a second once what cannot be
/// reclaimed is above half of the limit; at most 400 samples a second in all, the fullest first. What could not be sampled in time is counted. Each far group's <c>memory.stat</c> is read about every
/// 10 s, at most 50 a second. The tree is walked once a second, at most 500 groups a second. Groups without a limit are never sampled.
/// </remarks>
internal sealed class MemoryWatch : IDisposable
{
    /// <summary>The time between two ticks.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private const long Millisecond = 1_000_000;
    private const long SlowPeriod = 250 * Millisecond;
    private const long FastPeriod = 100 * Millisecond;
    private const long RarePeriod = 10_000 * Millisecond;
    private const long WalkPause = 1_000 * Millisecond;

    // A tick may come a little early.
    private const long Early = 20 * Millisecond;
    private const int SamplesPerTick = 40;
    private const int LooksPerTick = 40;
    private const int RareSamplesPerTick = 5;
    private const int VisitsPerTick = 50;
    private const double NearShare = 0.4;
    private const double FarShare = 0.35;
    private const double FastShare = 0.5;

    private static readonly List<WatchedGroup> s_none = [];

    private readonly CGroupMemoryFiles? _files;
    private readonly LimitedGroups? _groups;
    private readonly MachineMemory _machineMemory;
    private readonly WatchedGroup _machine = new("/", [], null);
    private readonly OomLedger _ledger;
    private readonly long _horizonNs;
    private readonly List<WatchedGroup> _near = [];
    private long _walkedNs;
    private bool _isWalking = true;
    private int _firstNear;
    private int _nextFar;
    private int _nextRare;

    /// <summary>Prepares; nothing is read before the first tick.</summary>
    /// <param name="hierarchy">The hierarchy of the memory controller; null when there is none: then only the machine is watched.</param>
    /// <param name="procFs">Where procfs is mounted.</param>
    /// <param name="horizon">How far ahead the slow rule looks.</param>
    /// <param name="publish">Receives warnings and their ends.</param>
    internal MemoryWatch(CGroupHierarchy? hierarchy, string procFs, TimeSpan horizon, Action<MemoryEvent> publish)
    {
        _horizonNs = horizon.Ticks * TimeSpan.NanosecondsPerTick;
        _machineMemory = new MachineMemory(procFs);
        if (hierarchy is not null)
        {
            _files = new CGroupMemoryFiles(hierarchy.IsV1);
            _groups = new LimitedGroups(hierarchy, _files);
            IsV1 = hierarchy.IsV1;
        }

        _ledger = new OomLedger(_files, publish);
    }

    /// <summary>Whether the hierarchy is one of v1.</summary>
    internal bool IsV1 { get; }

    /// <summary>The warnings.</summary>
    internal OomLedger Ledger => _ledger;

    /// <summary>The machine as a whole.</summary>
    internal WatchedGroup Machine => _machine;

    /// <summary>The groups with a limit.</summary>
    internal List<WatchedGroup> GroupList => _groups?.All ?? s_none;

    /// <summary>The number of all groups at the last walk.</summary>
    internal int AllGroups => _groups?.Visited ?? 0;

    /// <summary>The number of groups with a limit that are not watched, because there are too many.</summary>
    internal int RefusedGroups => _groups?.Refused ?? 0;

    /// <summary>The number of groups near their limit.</summary>
    internal int NearGroups => _near.Count;

    /// <summary>The number of samples that came later than they should, since the start.</summary>
    internal ulong LateSamples { get; private set; }

    /// <summary>The number of files read since the start, walks not included.</summary>
    internal ulong FileReads { get; private set; }

    public void Dispose() => _machineMemory.Dispose();

    /// <summary>Does what is due. Called every <see cref="Period"/>.</summary>
    internal void Tick(long nowNs)
    {
        SampleMachine(nowNs);
        if (_groups is not null)
        {
            Walk(nowNs);
            LookAtFar(nowNs);
            SampleNear(nowNs);
            SampleRarely(nowNs);
        }

        _ledger.Check(nowNs);
    }

    /// <summary>A process was killed; <paramref name="path"/> is the path of its cgroup, null when it is not known.</summary>
    internal void Kill(string? path, long timeNs) => _ledger.Kill(path, timeNs, GroupList);

    private void SampleMachine(long nowNs)
    {
        FileReads++;
        if (!_machineMemory.TryRead())
        {
            return;
        }

        _machine.Used = _machine.Usage = _machineMemory.Total - _machineMemory.Available;
        _machine.Swapped = _machineMemory.SwapTotal - _machineMemory.SwapFree;
        _machine.Limit = _machineMemory.Total;
        _machine.LookedAtNs = nowNs;
        Predict(_machine, nowNs);
    }

    private void Walk(long nowNs)
    {
        if (!_isWalking && nowNs - _walkedNs < WalkPause)
        {
            return;
        }

        // The first walk is made at once, so that nothing is unknown for long.
        bool isFirst = _groups!.Walks == 0;
        _isWalking = !_groups.Step(isFirst ? int.MaxValue : VisitsPerTick, _machineMemory.Total, _machineMemory.SwapTotal > 0);
        if (_isWalking)
        {
            return;
        }

        _walkedNs = nowNs;
        foreach (WatchedGroup group in _groups.Removed)
        {
            _ledger.End(group, nowNs);
            if (group.IsNear)
            {
                _near.Remove(group);
            }
        }
    }

    private void LookAtFar(long nowNs)
    {
        List<WatchedGroup> all = _groups!.All;
        int looks = LooksPerTick;
        for (int seen = 0; seen < all.Count && looks > 0; seen++)
        {
            WatchedGroup group = all[_nextFar = (_nextFar + 1) % all.Count];
            if (!group.IsNear && nowNs - group.LookedAtNs >= SlowPeriod - Early)
            {
                looks--;
                LookAt(group, nowNs);
            }
        }
    }

    private void LookAt(WatchedGroup group, long nowNs)
    {
        group.LookedAtNs = nowNs;
        FileReads++;
        if (_files!.TryReadUsage(group.Folder, out long usage))
        {
            group.Usage = usage;
            group.Used = group.HasMemory ? Math.Min(group.Used, usage) : usage;
            if (usage >= NearShare * group.Limit)
            {
                group.IsNear = true;
                group.LookedAtNs = 0;
                _near.Add(group);
            }
        }
    }

    // The fullest first: those above half of their limit, then the others; each time beginning with another one, so that none is left out for ever.
    private void SampleNear(long nowNs)
    {
        int samples = SamplesPerTick;
        _firstNear = _near.Count == 0 ? 0 : (_firstNear + 1) % _near.Count;
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < _near.Count; i++)
            {
                WatchedGroup group = _near[(_firstNear + i) % _near.Count];
                bool isFast = group.Used > FastShare * group.Limit;
                long period = isFast ? FastPeriod : SlowPeriod;
                if (isFast == (pass == 0) && nowNs - group.LookedAtNs >= period - Early && samples-- > 0)
                {
                    LateSamples += group.LookedAtNs > 0 && nowNs - group.LookedAtNs >= 2 * period ? 1UL : 0UL;
                    Sample(group, nowNs);
                }
            }
        }

        for (int i = _near.Count - 1; i >= 0; i--)
        {
            if (!_near[i].IsNear)
            {
                _near.RemoveAt(i);
            }
        }
    }

    private void SampleRarely(long nowNs)
    {
        List<WatchedGroup> all = _groups!.All;
        int samples = RareSamplesPerTick;
        for (int seen = 0; seen < all.Count && samples > 0; seen++)
        {
            WatchedGroup group = all[_nextRare = (_nextRare + 1) % all.Count];
            if (!group.IsNear && (!group.HasMemory || nowNs - group.SampledAtNs >= RarePeriod))
            {
                samples--;
                _ = TryReadMemory(group, nowNs);
            }
        }
    }

    private void Sample(WatchedGroup group, long nowNs)
    {
        group.LookedAtNs = nowNs;
        if (!TryReadMemory(group, nowNs))
        {
            return;
        }

        Predict(group, nowNs);
        if (group.Used < FarShare * group.Limit && group.Warning is null && _files!.TryReadUsage(group.Folder, out long usage))
        {
            FileReads++;
            group.Usage = usage;
            group.IsNear = usage >= FarShare * group.Limit;
        }
    }

    private bool TryReadMemory(WatchedGroup group, long nowNs)
    {
        FileReads++;
        group.SampledAtNs = nowNs;
        if (!_files!.TryReadMemory(group.Folder, _machineMemory.SwapTotal > 0, out CGroupMemory memory))
        {
            return false;
        }

        (group.Used, group.Swapped, group.HasMemory) = (memory.Used, memory.Swapped, true);
        group.Usage = Math.Max(group.Usage, memory.Used);
        return true;
    }

    private void Predict(WatchedGroup group, long nowNs)
    {
        group.Predictor ??= new OomPredictor(_horizonNs);
        long used = group.Used + group.Swapped;
        OomSignal signal = group.Predictor.Take(new MemorySample(nowNs, used, RoomOf(group)));
        if (signal == OomSignal.Raised)
        {
            _ledger.Raise(group, nowNs);
        }
        else if (signal == OomSignal.Ended)
        {
            _ledger.End(group, nowNs);
        }
    }

    // The limit that binds first: its own, that of a group above, or the machine's memory.
    private long RoomOf(WatchedGroup group)
    {
        long room = _machineMemory.Available + _machineMemory.SwapFree;
        group.Binding = _machine;
        for (WatchedGroup? limited = group; limited is not null && limited != _machine; limited = limited.Parent)
        {
            long own = limited.Limit - limited.Used + UsableSwap(limited);
            if (own < room)
            {
                (room, group.Binding) = (own, limited);
            }
        }

        return Math.Max(0, room);
    }

    private long UsableSwap(WatchedGroup group)
    {
        if (_machineMemory.SwapFree == 0)
        {
            return 0;
        }

        // v1 limits memory and swap together.
        long taken = IsV1 ? group.Limit + group.Swapped : group.Swapped;
        long allowed = group.SwapLimit == CGroupMemoryFiles.NoLimit ? long.MaxValue : Math.Max(0, group.SwapLimit - taken);
        return Math.Min(allowed, _machineMemory.SwapFree);
    }
}
