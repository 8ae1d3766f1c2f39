namespace Hypermesh.Bpf.Monitoring.Memory;

/// <summary>Opens and closes warnings, and counts what became of them.</summary>
internal sealed class OomLedger(CGroupMemoryFiles? files, Action<MemoryEvent> publish)
{
    // One shortage of memory may kill several processes; they are one event to be warned of.
    private const long OneShortageNs = 2_000_000_000;
    private const double FullShare = 0.8;
    private const int LeadSlots = 48;

    private readonly List<WatchedGroup> _open = [];
    private readonly Dictionary<string, long> _lastKills = new(StringComparer.Ordinal);
    private readonly ulong[] _leads = new ulong[LeadSlots];
    private ulong _leadSumNs;

    /// <summary>The number of warnings so far, by outcome.</summary>
    internal ulong Hits { get; private set; }

    /// <inheritdoc cref="OomOutcome.False"/>
    internal ulong False { get; private set; }

    /// <inheritdoc cref="OomOutcome.Missed"/>
    internal ulong Missed { get; private set; }

    /// <summary>Warnings that began.</summary>
    internal ulong Raised { get; private set; }

    /// <summary>The groups with an open warning.</summary>
    internal List<WatchedGroup> Open => _open;

    /// <summary>The times between warnings and kills, in slots as of hm_seconds_slot, since the start.</summary>
    internal ReadOnlySpan<ulong> LeadTimes => _leads;

    /// <summary>Their sum in nanoseconds.</summary>
    internal ulong LeadSumNs => _leadSumNs;

    /// <summary>An empty histogram of lead times.</summary>
    internal static Exp2Histogram NewLeadTimes() => Exp2Histogram.OfTimes(LeadSlots);

    /// <summary>A predictor raised a warning.</summary>
    internal void Raise(WatchedGroup group, long timeNs)
    {
        OomPredictor predictor = group.Predictor!;
        group.Warning = new OomWarning(
            timeNs, group.Path, (group.Binding ?? group).Path, predictor.Used, predictor.Room, predictor.Slope, predictor.TimeToLimit ?? 0, predictor.IsLearning);
        group.KillsBefore = ReadKills(group);
        _open.Add(group);
        Raised++;
        publish(group.Warning);
    }

    /// <summary>A predictor ended its warning, or the group is gone.</summary>
    internal void End(WatchedGroup group, long timeNs)
    {
        if (group.Warning is not null)
        {
            Close(group, timeNs, WasKilled(group) ? OomOutcome.Hit : OomOutcome.False);
        }
    }

    /// <summary>Looks at the kernel's own count of kills of the groups with open warnings: a victim may have been dropped, or its group may be unknown.</summary>
    internal void Check(long timeNs)
    {
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            WatchedGroup group = _open[i];
            if (WasKilled(group))
            {
                _lastKills[group.Path] = timeNs;
                Close(group, timeNs, OomOutcome.Hit);
            }
        }
    }

    /// <summary>A process was killed.</summary>
    /// <param name="path">The path of its cgroup; null when it is not known.</param>
    /// <param name="timeNs">When.</param>
    /// <param name="groups">All groups with a limit, whose predictors begin again where they contain it.</param>
    internal void Kill(string? path, long timeNs, IReadOnlyList<WatchedGroup> groups)
    {
        if (path is null)
        {
            ulong hits = Hits;
            Check(timeNs);
            if (Hits == hits)
            {
                Miss(path, timeNs);
            }

            return;
        }

        bool known = WasJustKilled(path, timeNs);
        bool isMachine = !groups.Any(group => group.Contains(path) && group.Usage >= FullShare * group.Limit);
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            WatchedGroup group = _open[i];
            if (Ends(group, path, isMachine) || Ends(group.Binding ?? group, path, isMachine))
            {
                known = true;
                Close(group, timeNs, OomOutcome.Hit);
            }
        }

        if (!known)
        {
            Miss(path, timeNs);
        }

        _lastKills[path] = timeNs;
        foreach (WatchedGroup group in groups)
        {
            if (group.Predictor is not null && group.Contains(path))
            {
                group.Predictor.Restart();
            }
        }
    }

    // The machine contains every cgroup, but a kill is its own only where no limit of a cgroup was the cause.
    private static bool Ends(WatchedGroup group, string path, bool isMachine) => group.Folder.IsEmpty ? isMachine : group.Contains(path);

    private bool WasJustKilled(string path, long timeNs)
    {
        bool found = false;
        foreach ((string killed, long when) in _lastKills)
        {
            if (timeNs - when > OneShortageNs)
            {
                _lastKills.Remove(killed);
            }
            else
            {
                found |= killed == path || path.StartsWith(killed + "/", StringComparison.Ordinal);
            }
        }

        return found;
    }

    private void Miss(string? path, long timeNs)
    {
        Missed++;
        publish(new OomWarningEnded(timeNs, path, OomOutcome.Missed, null));
    }

    private void Close(WatchedGroup group, long timeNs, OomOutcome outcome)
    {
        OomWarning warning = group.Warning!;
        group.Warning = null;
        _open.Remove(group);
        if (outcome == OomOutcome.Hit)
        {
            ulong lead = (ulong)Math.Max(0, timeNs - warning.TimeNs);
            _leads[Exp2Histogram.SlotOfNanoseconds(lead, LeadSlots)]++;
            _leadSumNs += lead;
            Hits++;
            group.Predictor!.Restart();
        }
        else
        {
            False++;
        }

        publish(new OomWarningEnded(timeNs, group.Path, outcome, warning));
    }

    private bool WasKilled(WatchedGroup group) => group.KillsBefore >= 0 && ReadKills(group) > group.KillsBefore;

    private long ReadKills(WatchedGroup group) => files is not null && !group.Folder.IsEmpty && files.TryReadKills(group.Folder, out long kills) ? kills : -1;
}
