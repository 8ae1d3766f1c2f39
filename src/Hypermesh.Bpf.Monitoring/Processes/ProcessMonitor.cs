using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Processes;
using Hypermesh.Bpf.Monitoring.Readings;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Counts executed programs, created and ended processes and threads, how processes ended, how long they lived, their CPU time and their peak memory (5.10). No process is too short to be seen.
/// On request it reports each executed program and each process that ended. The monitor owns its programs and detaches them when it is disposed.
/// </summary>
/// <example>
/// <code>
/// await using ProcessMonitor monitor = ProcessMonitor.Start();
/// ProcessReading reading = monitor.NewReading();
/// while (true)
/// {
///     Thread.Sleep(1000);
///     monitor.Read(reading);
///     Console.WriteLine($"{reading.Execs} programs started, half of the processes that ended lived less than {reading.Lifetime.Percentile(0.5)} s");
/// }
/// </code>
/// </example>
public sealed class ProcessMonitor : KernelMonitor<ProcessReading>
{
    internal const string MonitorName = "process";
    private const string NewTaskHook = "task_newtask";
    private const string ExecHook = "sched_process_exec";
    private const string ExitHook = "sched_process_exit";
    private const string FreeHook = "sched_process_free";

    // How often the counters are copied until they have what the kernel has counted.
    private const int Attempts = 5;

    private readonly ProcessSkeleton _process;
    private readonly bool _hasEvents;
    private readonly CGroupNames? _names;
    private readonly TaskCounts _tasks;
    private readonly TracepointCount? _execCount;
    private readonly BpfMappedArray<ProcessSkeleton.ProcessCounters> _counters;
    private readonly BpfProgram _newTaskProgram;
    private readonly BpfProgram _execProgram;
    private readonly BpfProgram _exitProgram;
    private readonly ReleaseWatch _releases = new();
    private ProcessSnapshot _last = new();
    private ProcessSnapshot _next = new();
    private ulong _lastDelivered;
    private ulong _lastDropped;

    private ProcessMonitor(LoadedMonitor<ProcessSkeleton> loaded, ProcessMonitorOptions options, CGroupHierarchy? groups)
        : base(MonitorName, loaded, options)
    {
        _process = loaded.Skeleton;
        _hasEvents = options.Events;
        _names = groups is null ? null : new CGroupNames(groups);
        _counters = _process.Maps.Counters.Map();
        _newTaskProgram = loaded.ProgramOf(NewTaskHook);
        _execProgram = loaded.ProgramOf(ExecHook);
        _exitProgram = loaded.ProgramOf(ExitHook);
        _tasks = new TaskCounts(options.ProcFs);
        _execCount = TracepointCount.TryOpen("sched", ExecHook, PossibleCpus.Current.Numbers, options.LoggerFactory?.CreateLogger<ProcessMonitor>());
    }

    /// <summary>The loaded programs and maps.</summary>
    internal ProcessSkeleton Loaded => _process;

    /// <summary>Loads and attaches the programs. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>
    /// Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF). Starts <c>/bin/true</c> once, to prove that the hooks work; it is neither in the readings nor among the events.
    /// </remarks>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel lacks a feature that the programs need.</exception>
    /// <exception cref="BpfException">The load or an attach failed for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static ProcessMonitor Start(ProcessMonitorOptions? options = null)
    {
        options ??= new ProcessMonitorOptions();
        CGroupHierarchy? groups = options.Events ? CGroupHierarchy.Find("cpuacct", options.CGroupFs, options.ProcFs) : null;
        LoadedMonitor<ProcessSkeleton> loaded = MonitorLoader.Load(MonitorName, Chains(), options, static version => version is null ? ProcessSkeleton.Open() : ProcessSkeleton.Open(version), (spec, plan) =>
        {
            spec.Globals.WriteEvents = options.Events;
            spec.Globals.WithArguments = options is { Events: true, Arguments: true };
            spec.Globals.CpuTimeAtExit = plan[FreeHook].Option is null;
            spec.Globals.CgroupV1 = groups is { IsV1: true };
            spec.Globals.PageSize = (uint)Environment.SystemPageSize;
            spec.Globals.WakeFrom = (ulong)options.EventBufferSize / 8;
            spec.Maps.Events.MaxEntries = options.Events ? (uint)options.EventBufferSize : (uint)Environment.SystemPageSize;
            spec.Maps.Counters.MaxEntries = (uint)PossibleCpus.Current.Numbers[^1] + 1;
        }, static (spec, load) => spec.Load(load));

        ProcessMonitor? monitor = null;
        try
        {
            monitor = new ProcessMonitor(loaded, options, groups);
            monitor.Attach(loaded);
            return monitor;
        }
        catch
        {
            loaded.Undo(monitor);
            throw;
        }
    }

    /// <inheritdoc/>
    public override ProcessReading NewReading() => new(_hasEvents);

    /// <summary>
    /// Returns each executed program and each process that ended, within about 200 ms. What is not read in time is dropped and counted: produced = delivered +
    /// <see cref="MonitorReading.Dropped"/>. <see cref="MonitorReading.Missed"/> has the events at which the kernel skipped a program. One reader at a time.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidOperationException"><see cref="ProcessMonitorOptions.Events"/> is not set.</exception>
    /// <exception cref="BpfException">The events are being read already.</exception>
    public IAsyncEnumerable<ProcessEvent> ReadAllAsync(CancellationToken cancellationToken = default)
        => _hasEvents ? Read(cancellationToken) : throw new InvalidOperationException($"The process monitor was started without events. Set {nameof(ProcessMonitorOptions)}.{nameof(ProcessMonitorOptions.Events)}.");

    /// <summary>The hooks of the monitor.</summary>
    internal static IReadOnlyList<HookChain> Chains() =>
    [
        // sched_process_fork does not see the workers of io_uring and vhost.
        new(NewTaskHook, true,
            new HookOption(HookSource.Tracepoint, "new_task_classic", NewTaskHook, "clone_flags"),
            new HookOption(HookSource.TpBtf, "new_task", NewTaskHook, "task_struct, long_unsigned_int", "task_struct, long_long_unsigned_int"),
            new HookOption(HookSource.TpBtf, "new_fork", "sched_process_fork", "task_struct, task_struct")),
        new(ExecHook, true,
            new HookOption(HookSource.Tracepoint, "process_exec_classic", ExecHook, "__data_loc_filename"),
            new HookOption(HookSource.TpBtf, "process_exec", ExecHook, "task_struct, int, linux_binprm")),
        new(ExitHook, true,
            new HookOption(HookSource.Tracepoint, "process_exit_classic", ExitHook),
            new HookOption(HookSource.TpBtf, "process_exit", ExitHook, "task_struct", "task_struct, bool")),

        // In a callback of RCU, where no task is preempted.
        new(FreeHook, false, new HookOption(HookSource.TpBtf, "process_free", FreeHook, "task_struct")),
    ];

    private protected override void Take(ProcessReading into)
    {
        TakeCounts();
        into.Add(_last.Counters, _next.Counters);
        ulong delivered = _process.Globals.Delivered;
        into.EventsDelivered = Saturating.Subtract(delivered, _lastDelivered);
        _lastDelivered = delivered;
        if (_hasEvents)
        {
            ulong dropped = _process.Maps.Events.Dropped;
            into.Dropped = Saturating.Subtract(dropped, _lastDropped);
            _lastDropped = dropped;
        }

        Compare(into);
    }

    private protected override void SaveCounts(ref StateWriter into)
    {
        _next.Save(ref into);
        _releases.Save(ref into);
        into.Write(_lastDelivered);
        into.Write(_lastDropped);
    }

    private protected override bool TryRestoreCounts(StateReader from)
    {
        _next.Restore(from);
        _next.NewTaskMisses = Math.Min(_next.NewTaskMisses, _newTaskProgram.GetRunStatistics().RecursionMisses);
        _next.ExecMisses = Math.Min(_next.ExecMisses, _execProgram.GetRunStatistics().RecursionMisses);
        _next.ExitMisses = Math.Min(_next.ExitMisses, _exitProgram.GetRunStatistics().RecursionMisses);
        _releases.Restore(from);
        (_lastDelivered, _lastDropped) = (from.Read<ulong>(), from.Read<ulong>());
        return true;
    }

    private protected override void DisposeOwn()
    {
        _execCount?.Dispose();
        _tasks.Dispose();
    }

    private static ulong Created(in ProcessSkeleton.ProcessCounters counters) => counters.Processes + counters.Threads + counters.KernelThreads;

    private void Compare(ProcessReading into)
    {
        (ulong Low, ulong High) created = (_next.CreatedLow - _last.CreatedHigh, _next.CreatedHigh - _last.CreatedLow);
        ulong seen = Created(_next.Counters) - Created(_last.Counters);
        into.Add(new GroundTruth(MetricTable.ProcessesCreated.Name, "processes of /proc/stat (threads too)", seen + _next.NewTaskMisses - _last.NewTaskMisses, created.Low, created.High, PossibleCpus.Current.Count));

        ulong ended = into.TasksEnded + _next.ExitMisses - _last.ExitMisses;
        (ulong Low, ulong High) released = _releases.Take(_next, ended);
        into.Add(new GroundTruth(MetricTable.TasksEnded.Name, "processes of /proc/stat - tasks of /proc/loadavg", ended, released.Low, released.High, PossibleCpus.Current.Count));

        (ulong Low, ulong High)? execs = null;
        if (_next.Execs is { } next && _last.Execs is { } last)
        {
            // What perf counts may be too low (see TracepointCount), so it is a lower bound only.
            ulong measured = into.Execs + _next.ExecMisses - _last.ExecMisses;
            execs = (Saturating.Subtract(next.Low, last.High), next.High - last.Low);
            into.Add(new GroundTruth(MetricTable.ProcessExecs.Name, "perf event sched:sched_process_exec", measured, execs.Value.Low, Math.Max(measured, execs.Value.High)));
        }

        foreach (MonitorHook hook in into.HookArray)
        {
            switch (hook.Name)
            {
                case NewTaskHook: hook.Observe(seen, created.Low); break;
                case ExecHook: hook.Observe(into.Execs, execs?.Low); break;
                case ExitHook: hook.Observe(into.TasksEnded, released.Low); break;
                default: hook.Observe(_next.Counters.Frees - _last.Counters.Frees, _releases.OverdueFrees); break;
            }
        }
    }

    private void Attach(LoadedMonitor<ProcessSkeleton> loaded)
    {
        loaded.Attach();
        if (TryContinue())
        {
            return;
        }

        TakeCounts();
        TakeCounts();
        Prove();

        // After the counts from which on ends are counted: a task that ends between is counted twice, which only makes the comparison less strict.
        _process.Globals.Exiting = 0;
        _process.Programs.CountExiting.Run();
        _releases.Start(_next, _process.Globals.Exiting);
        _process.Globals.EventsBegun = true;
        (_lastDelivered, _lastDropped) = (_process.Globals.Delivered, loaded.IsAdopted && _hasEvents ? _process.Maps.Events.Dropped : 0);
        Begin();
    }

    // One process proves three hooks. There is no kernel counter of executed programs without tracefs, so a second one then shows that the hook is blind.
    private void Prove()
    {
        int attempts = _execCount is null ? 2 : 1;
        bool isSeen = false;
        for (int attempt = 0; attempt < attempts && !isSeen; attempt++)
        {
            TakeCounts();
            if (!ProcessStimulus.TryRun())
            {
                return;
            }

            TakeCounts();
            isSeen = _next.Counters.Execs > _last.Counters.Execs;
            foreach (MonitorHook hook in Hooks)
            {
                switch (hook.Name)
                {
                    case NewTaskHook: hook.Observe(Created(_next.Counters) - Created(_last.Counters), 1); break;
                    case ExecHook: hook.Observe(_next.Counters.Execs - _last.Counters.Execs, 1); break;
                    case ExitHook: hook.Observe(_next.Counters.Exits - _last.Counters.Exits, 1); break;
                }
            }
        }

        TakeCounts();
    }

    /// <summary>
    /// Copies the counters, between two reads of the kernel's own counts. The older snapshot is overwritten and exchanged at the end, so that nothing is counted twice after a read that failed.
    /// </summary>
    private void TakeCounts()
    {
        ProcessSnapshot into = _last;
        ulong? execsLow = _execCount?.Read();
        into.CreatedLow = _tasks.ReadCreated();
        into.ExistingBefore = _tasks.ReadExisting();
        for (int attempt = 0; attempt < Attempts && !TryCopy(into, _next, execsLow); attempt++)
        {
            Thread.Sleep(1 << attempt);
        }

        into.ExistingAfter = _tasks.ReadExisting();
        into.CreatedHigh = _tasks.ReadCreated();
        into.Execs = execsLow is { } low ? (low, _execCount!.Read()) : null;
        into.TimeNs = BootClock.Now;
        (_last, _next) = (_next, into);
    }

    // The kernel counts a task, or perf an exec, just before it runs the program: on a CPU that is stopped between the two, the program is late. False when the program has counted less.
    private bool TryCopy(ProcessSnapshot into, ProcessSnapshot last, ulong? execs)
    {
        CounterTotals.Sum(_counters, out into.Counters);
        into.NewTaskMisses = _newTaskProgram.GetRunStatistics().RecursionMisses;
        into.ExecMisses = _execProgram.GetRunStatistics().RecursionMisses;
        into.ExitMisses = _exitProgram.GetRunStatistics().RecursionMisses;
        return Created(into.Counters) + into.NewTaskMisses - Created(last.Counters) - last.NewTaskMisses + last.CreatedHigh >= into.CreatedLow
            && (execs is null || last.Execs is not { } lastExecs || into.Counters.Execs + into.ExecMisses - last.Counters.Execs - last.ExecMisses + lastExecs.High >= execs);
    }

    private void CountDelivered()
    {
        try
        {
            _process.Globals.Delivered++;
        }
        catch (ObjectDisposedException)
        {
            // The monitor ended while its events were read.
        }
    }

    private async IAsyncEnumerable<ProcessEvent> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Func<ulong, string?> pathOf = _names is null ? static _ => null : _names.PathOf;
        await foreach (ProcessSkeleton.ProcessEvent record in _process.Maps.Events.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            CountDelivered();
            yield return ProcessEvent.Of(record, pathOf);
        }
    }
}

/// <summary>The options for the start of a <see cref="ProcessMonitor"/>.</summary>
public sealed class ProcessMonitorOptions : MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public ProcessMonitorOptions()
    {
    }

    internal ProcessMonitorOptions(MonitorOptions other)
        : base(other)
    {
    }

    /// <summary>Writes an event for each executed program and each process that ended, for <see cref="ProcessMonitor.ReadAllAsync"/>.</summary>
    public bool Events { get; init; }

    /// <summary>Adds the arguments to the events of executed programs. Arguments may contain secrets.</summary>
    public bool Arguments { get; init; }

    /// <summary>The size of the buffer of events, in bytes: a power of two, at least a page. An event takes up to 2.4 kB with arguments, else up to 320 bytes.</summary>
    public int EventBufferSize { get; init; } = 1024 * 1024;
}
