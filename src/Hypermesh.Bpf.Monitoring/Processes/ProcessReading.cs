using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Processes;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// What happened to processes between two readings. It is created once by <see cref="ProcessMonitor.NewReading"/> and filled by each <see cref="KernelMonitor{TReading}.Read(TReading)"/>, so that
/// reading allocates nothing.
/// </summary>
public sealed class ProcessReading : MonitorReading
{
    private static readonly string[] s_endings = ["0", "1", "126", "127", "signal", "other"];
    private static readonly MetricLabels s_ring = new(ProcessMonitor.MonitorName, "events");

    private readonly ulong[] _ended = new ulong[s_endings.Length];
    private readonly bool _hasEvents;

    internal ProcessReading(bool hasEvents) => _hasEvents = hasEvents;

    /// <summary>How a process may end: exit codes 0, 1, 126 (cannot be executed) and 127 (not found), <c>signal</c>, and <c>other</c> exit codes.</summary>
    public static IReadOnlyList<string> Endings => s_endings;

    /// <summary>Programs that were started by exec.</summary>
    public ulong Execs { get; private set; }

    /// <summary>Processes that were created by fork, vfork or clone; kernel threads are not included.</summary>
    public ulong ProcessesCreated { get; private set; }

    /// <summary>Threads that were created in existing processes.</summary>
    public ulong ThreadsCreated { get; private set; }

    /// <summary>Kernel threads that were created.</summary>
    public ulong KernelThreadsCreated { get; private set; }

    /// <summary>Tasks that ended: processes, threads and kernel threads.</summary>
    public ulong TasksEnded { get; private set; }

    /// <summary>Processes that ended.</summary>
    public ulong ProcessesEnded { get; private set; }

    /// <summary>Processes that ended, by how they ended, in the order of <see cref="Endings"/>.</summary>
    public ReadOnlySpan<ulong> Ended => _ended;

    /// <summary>Lifetimes of processes that ended, in seconds.</summary>
    public Exp2Histogram Lifetime { get; } = Exp2Histogram.OfTimes(ProcessSkeleton.UInt64Array48.Length);

    /// <summary>
    /// CPU time of processes that ended, in seconds: of all their threads, user and kernel. It is counted when the kernel releases the process, which is after its parent has read its
    /// status, so a reading may have a few more or fewer than <see cref="ProcessesEnded"/>.
    /// </summary>
    public Exp2Histogram CpuTime { get; } = Exp2Histogram.OfTimes(ProcessSkeleton.UInt64Array48.Length);

    /// <summary>
    /// Peak resident memory of processes that ended, in bytes. Before 6.16 it is the figure of <c>getrusage</c>, which includes the copy of its parent that the process was before it executed
    /// a program.
    /// </summary>
    public Exp2Histogram PeakMemory { get; } = Exp2Histogram.OfSizes(ProcessSkeleton.UInt64Array48.Length);

    /// <summary>Events that the programs wrote or tried to write; 0 unless <see cref="ProcessMonitorOptions.Events"/> is set.</summary>
    public ulong EventsProduced { get; private set; }

    /// <summary>Events that <see cref="ProcessMonitor.ReadAllAsync"/> returned.</summary>
    public ulong EventsDelivered { get; internal set; }

    internal void Add(in ProcessSkeleton.ProcessCounters from, in ProcessSkeleton.ProcessCounters to)
    {
        Execs = to.Execs - from.Execs;
        ProcessesCreated = to.Processes - from.Processes;
        ThreadsCreated = to.Threads - from.Threads;
        KernelThreadsCreated = to.KernelThreads - from.KernelThreads;
        TasksEnded = to.Exits - from.Exits;
        EventsProduced = to.Produced - from.Produced;
        for (int ending = 0; ending < _ended.Length; ending++)
        {
            _ended[ending] = to.Ended[ending] - from.Ended[ending];
            ProcessesEnded += _ended[ending];
        }

        Lifetime.Add(from.Life, from.LifeSumNs, to.Life, to.LifeSumNs);
        CpuTime.Add(from.CpuTime, from.CpuSumNs, to.CpuTime, to.CpuSumNs);
        PeakMemory.Add(from.Peak, from.PeakSum, to.Peak, to.PeakSum);
    }

    internal override void Report(IFigureSink sink)
    {
        sink.Add(MetricTable.ProcessExecs, Execs);
        sink.Add(MetricTable.ProcessesCreated, ProcessesCreated);
        sink.Add(MetricTable.ThreadsCreated, ThreadsCreated);
        sink.Add(MetricTable.KernelThreadsCreated, KernelThreadsCreated);
        sink.Add(MetricTable.TasksEnded, TasksEnded);
        for (int ending = 0; ending < _ended.Length; ending++)
        {
            sink.Add(MetricTable.ProcessExits, _ended[ending], new MetricLabels(s_endings[ending]));
        }

        sink.Add(MetricTable.ProcessLifetime, Lifetime);
        sink.Add(MetricTable.ProcessCpuTime, CpuTime);
        sink.Add(MetricTable.ProcessPeakMemory, PeakMemory);
        if (_hasEvents)
        {
            sink.Add(MetricTable.EventsProduced, EventsProduced, s_ring);
            sink.Add(MetricTable.EventsDelivered, EventsDelivered, s_ring);
            sink.Add(MetricTable.EventsDropped, Dropped, s_ring);
        }
    }

    internal override void Clear()
    {
        Execs = ProcessesCreated = ThreadsCreated = KernelThreadsCreated = TasksEnded = ProcessesEnded = EventsProduced = EventsDelivered = 0;
        Array.Clear(_ended);
        Lifetime.Clear();
        CpuTime.Clear();
        PeakMemory.Clear();
    }
}
