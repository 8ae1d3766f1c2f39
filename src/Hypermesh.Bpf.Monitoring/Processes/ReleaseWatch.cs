using Hypermesh.Bpf.Monitoring.Keeping;

namespace Hypermesh.Bpf.Monitoring.Processes;

/// <summary>The counters of the programs, and the kernel's own counts just before and just after.</summary>
internal sealed class ProcessSnapshot
{
    internal ProcessSkeleton.ProcessCounters Counters;

    /// <summary>The number of tasks created since boot, before and after.</summary>
    internal ulong CreatedLow { get; set; }

    internal ulong CreatedHigh { get; set; }

    /// <summary>The number of tasks that exist, before and after.</summary>
    internal ulong ExistingBefore { get; set; }

    internal ulong ExistingAfter { get; set; }

    /// <summary>The executed programs that perf counted, before and after; null without tracefs.</summary>
    internal (ulong Low, ulong High)? Execs { get; set; }

    internal ulong NewTaskMisses { get; set; }

    internal ulong ExecMisses { get; set; }

    internal ulong ExitMisses { get; set; }

    internal long TimeNs { get; set; }

    internal void Save(ref StateWriter into)
    {
        into.Write(Counters);
        into.WriteAll<ulong>([CreatedLow, CreatedHigh, ExistingBefore, ExistingAfter, NewTaskMisses, ExecMisses, ExitMisses]);
        into.Write(TimeNs);
    }

    /// <summary>Takes over the counts of another process. Its perf event ended with it.</summary>
    internal void Restore(StateReader from)
    {
        Counters = from.Read<ProcessSkeleton.ProcessCounters>();
        Span<ulong> counts = stackalloc ulong[7];
        from.ReadAll(counts);
        (CreatedLow, CreatedHigh, ExistingBefore, ExistingAfter) = (counts[0], counts[1], counts[2], counts[3]);
        (NewTaskMisses, ExecMisses, ExitMisses) = (counts[4], counts[5], counts[6]);
        TimeNs = from.Read<long>();
        Execs = null;
    }

    /// <summary>The least number of tasks that can have been released since boot. Tasks that were created between the two reads make it smaller, never larger.</summary>
    internal long ReleasedLow => (long)CreatedLow - (long)ExistingBefore;

    /// <summary>The most tasks that can have been released since boot.</summary>
    internal long ReleasedHigh => (long)CreatedHigh - (long)ExistingAfter;
}

/// <summary>
/// Compares the ends of tasks with their releases, which the kernel counts: created - existing. A task is released after its end, when its parent has read its status, so at any time the ends
/// since the start, and the tasks that had ended and were not released at the start, are at least as many as the releases.
/// </summary>
internal sealed class ReleaseWatch
{
    private const long Patience = 1_000_000_000;

    private long _startReleased;
    private long _waiting;
    private long _ended;
    private ulong _startFrees;
    private long _lastFrees;
    private (long TimeNs, long Released) _young;
    private (long TimeNs, long Released) _old;

    /// <summary>
    /// The tasks that were released more than a second before the last reading and had not been freed then. The kernel frees a task some time after its release; what is overdue
    /// shows that sched_process_free is not seen, if none is seen meanwhile.
    /// </summary>
    internal ulong OverdueFrees { get; private set; }

    /// <summary>Begins.</summary>
    /// <param name="at">The counts from which on ends are counted.</param>
    /// <param name="exiting">The number of tasks that had ended and were not released, counted later than <paramref name="at"/>.</param>
    internal void Start(ProcessSnapshot at, ulong exiting)
    {
        _startReleased = at.ReleasedLow;
        _waiting = (long)exiting;
        _startFrees = at.Counters.Frees;
        _old = _young = (at.TimeNs, 0);
    }

    /// <summary>Takes the counts of a reading, and returns the least and the most tasks that can have ended during it.</summary>
    /// <param name="at">The counts.</param>
    /// <param name="ended">The ends that the monitor saw during the reading.</param>
    internal (ulong Low, ulong High) Take(ProcessSnapshot at, ulong ended)
    {
        long low = Math.Max(0, at.ReleasedLow - _startReleased - _waiting - _ended);
        long high = Math.Max(low, at.ReleasedHigh - _startReleased - _ended + (long)at.ExistingAfter);
        _ended += (long)ended;

        // Ends that were missed are reported once.
        _waiting += Math.Max(0, low - (long)ended);
        TakeFrees(at);
        return ((ulong)low, (ulong)high);
    }

    internal void Save(ref StateWriter into)
    {
        into.Write(_startFrees);
        into.WriteAll<long>([_startReleased, _waiting, _ended, _lastFrees, _young.TimeNs, _young.Released, _old.TimeNs, _old.Released]);
    }

    internal void Restore(StateReader from)
    {
        _startFrees = from.Read<ulong>();
        Span<long> counts = stackalloc long[8];
        from.ReadAll(counts);
        (_startReleased, _waiting, _ended, _lastFrees) = (counts[0], counts[1], counts[2], counts[3]);
        (_young, _old) = ((counts[4], counts[5]), (counts[6], counts[7]));
    }

    private void TakeFrees(ProcessSnapshot at)
    {
        OverdueFrees = (ulong)Math.Max(0, _old.Released - _lastFrees);
        _lastFrees = (long)(at.Counters.Frees - _startFrees);
        if (at.TimeNs - _young.TimeNs >= Patience)
        {
            _old = _young;
            _young = (at.TimeNs, at.ReleasedLow - _startReleased);
        }
    }
}
