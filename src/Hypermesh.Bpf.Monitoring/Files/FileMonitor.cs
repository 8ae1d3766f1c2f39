using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Monitoring.Files;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Readings;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Counts files that are opened, removed and renamed, by system calls and through io_uring, with their errors (5.10). On request it reports the path of each operation. The monitor owns its
/// programs and detaches them when it is disposed.
/// </summary>
/// <example>
/// <code>
/// await using FileMonitor monitor = FileMonitor.Start();
/// FileReading reading = monitor.NewReading();
/// while (true)
/// {
///     Thread.Sleep(1000);
///     monitor.Read(reading);
///     FileFigures opens = reading.Of(FileOperation.Open, FileWay.SystemCall);
///     Console.WriteLine($"{opens.Count} files opened, {opens.Failed} of them refused");
/// }
/// </code>
/// </example>
public sealed class FileMonitor : KernelMonitor<FileReading>
{
    internal const string MonitorName = "file";
    private const string AllCallsHook = "sys_exit";
    private const string CompleteHook = "io_uring_complete";
    private const string SubmitHook = "io_uring_submit_req";
    private const string OldSubmitHook = "io_uring_submit_sqe";

    // Places in the program's counters, which are all numbers of 64 bits.
    private const int Submissions = FileFigures.Rows * FileFigures.ResultCount;
    private const int Produced = Submissions + 3;

    private readonly FileSkeleton _file;
    private readonly bool _hasEvents;
    private readonly bool _losesEvents;
    private readonly BpfMappedArray<FileSkeleton.FileCounters> _counters;
    private readonly OperationRing? _ring;
    private readonly OwnOperations _own = new();
    private readonly bool _hasComplete;
    private ulong[] _last = new ulong[Unsafe.SizeOf<FileSkeleton.FileCounters>() / sizeof(ulong)];
    private ulong[] _next = new ulong[Unsafe.SizeOf<FileSkeleton.FileCounters>() / sizeof(ulong)];
    private ulong _lastDelivered;
    private ulong _lastDropped;

    private FileMonitor(LoadedMonitor<FileSkeleton> loaded, FileMonitorOptions options, HookFacts facts)
        : base(MonitorName, loaded, options)
    {
        _file = loaded.Skeleton;
        _hasEvents = options.Events;
        _losesEvents = facts.IsPreemptible && loaded.Plan.Choices.Any(static choice => choice is { Chain.Name: AllCallsHook, Option: not null });
        _hasComplete = loaded.Plan.Choices.Any(static choice => choice is { Chain.Name: CompleteHook, Option: not null });
        _counters = _file.Maps.Counters.Map();
        _ring = OperationRing.TryCreate();
    }

    /// <summary>The loaded programs and maps.</summary>
    internal FileSkeleton Loaded => _file;

    /// <summary>Loads and attaches the programs. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>
    /// Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF). With tracefs, only the system calls that are counted run a program. Without it, a program runs at every system call of
    /// the machine, and returns at once from those that are not counted. At each reading the monitor makes each of the calls with an empty path, which the kernel refuses, to prove its hooks.
    /// </remarks>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel lacks a feature that the programs need.</exception>
    /// <exception cref="BpfException">The load or an attach failed for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static FileMonitor Start(FileMonitorOptions? options = null)
    {
        options ??= new FileMonitorOptions();
        HookFacts facts = options.ReadFacts();
        LoadedMonitor<FileSkeleton> loaded = MonitorLoader.Load(MonitorName, ChainsHere(facts, options.Events), options, static version => version is null ? FileSkeleton.Open() : FileSkeleton.Open(version), (spec, plan) =>
        {
            foreach (Objects.BpfProgramSpec program in spec.Object.Programs)
            {
                program.Enabled = plan.Uses(program.Name);
            }

            spec.Globals.WriteEvents = options.Events;
            spec.Globals.OwnProcess = options.ProcessId is null ? (uint)Environment.ProcessId : 0;
            spec.Globals.OnlyProcess = (uint)(options.ProcessId ?? 0);
            spec.Globals.OnlyUser = options.UserId ?? uint.MaxValue;
            spec.Globals.WakeFrom = (ulong)options.EventBufferSize / 8;
            spec.Maps.Events.MaxEntries = options.Events ? (uint)options.EventBufferSize : (uint)Environment.SystemPageSize;
            spec.Maps.Counters.MaxEntries = (uint)PossibleCpus.Current.Numbers[^1] + 1;
        }, static (spec, load) => spec.Load(load));

        FileMonitor? monitor = null;
        try
        {
            monitor = new FileMonitor(loaded, options, facts);
            loaded.Attach();
            if (!monitor.TryContinue())
            {
                monitor.TakeCounts();
                monitor.TakeCounts();
                (monitor._lastDelivered, monitor._lastDropped) = (monitor._file.Globals.Delivered, loaded.IsAdopted && options.Events ? monitor._file.Maps.Events.Dropped : 0);
                monitor.Begin();
            }

            return monitor;
        }
        catch
        {
            loaded.Undo(monitor);
            throw;
        }
    }

    /// <inheritdoc/>
    public override FileReading NewReading() => new(_hasEvents);

    /// <summary>
    /// Returns each operation within about 200 ms. What is not read in time is dropped and counted: produced = delivered + <see cref="MonitorReading.Dropped"/>.
    /// <see cref="MonitorReading.Missed"/> has the operations at which the kernel skipped a program. One reader at a time.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidOperationException"><see cref="FileMonitorOptions.Events"/> is not set.</exception>
    /// <exception cref="BpfException">The events are being read already.</exception>
    public IAsyncEnumerable<FileEvent> ReadAllAsync(CancellationToken cancellationToken = default)
        => _hasEvents ? Read(cancellationToken) : throw new InvalidOperationException($"The file monitor was started without events. Set {nameof(FileMonitorOptions)}.{nameof(FileMonitorOptions.Events)}.");

    /// <summary>The hooks of the monitor: one for each call whose classic tracepoint exists, or else one at all system calls. io_uring has the same hook under two names, or none.</summary>
    /// <param name="kernel">The kernel's types.</param>
    /// <param name="facts">What this machine allows; null to go by the types alone, which may be another kernel's.</param>
    internal static IReadOnlyList<HookChain> Chains(BtfTypes kernel, HookFacts? facts)
    {
        IReadOnlyList<FileCall> traced = FileCall.Traced(kernel, facts);
        List<HookChain> chains = traced.Count == 0
            ? [new(AllCallsHook, true, new HookOption(HookSource.TpBtf, "sys_exit", AllCallsHook, "pt_regs, long_int"))]
            : [.. traced.Select(static call => new HookChain(call.Tracepoint, call.Name == "openat", new HookOption(HookSource.Tracepoint, "exit_" + call.Name, call.Tracepoint, "syscall_trace_exit: ret")))];
        if (TracepointExists(kernel, SubmitHook))
        {
            chains.Add(new(SubmitHook, false,
                new HookOption(HookSource.Tracepoint, "ring_submit_classic", SubmitHook, "req, opcode"),
                new HookOption(HookSource.TpBtf, "ring_submit", SubmitHook, "io_kiocb")));
        }
        else if (TracepointExists(kernel, OldSubmitHook))
        {
            chains.Add(new(OldSubmitHook, false,
                new HookOption(HookSource.Tracepoint, "ring_submit_sqe_classic", OldSubmitHook, "opcode"),
                new HookOption(HookSource.TpBtf, "ring_submit_request", OldSubmitHook, "io_kiocb, bool"),
                new HookOption(HookSource.TpBtf, "ring_submit_opcode", OldSubmitHook,
                    "*, *, unsigned_char, long_long_unsigned_int, unsigned_int, bool, bool", "*, unsigned_char, long_long_unsigned_int, bool, bool")));
        }

        if (TracepointExists(kernel, CompleteHook))
        {
            chains.Add(new(CompleteHook, false,
                new HookOption(HookSource.Tracepoint, "ring_complete_classic", CompleteHook, "req, res"),
                new HookOption(HookSource.TpBtf, "ring_complete", CompleteHook,
                    "io_ring_ctx, *, io_uring_cqe", "*, *, long_long_unsigned_int, int, unsigned_int, long_long_unsigned_int, long_long_unsigned_int")));
        }

        return chains;
    }

    private protected override void Take(FileReading into)
    {
        TakeCounts();
        foreach (FileCall call in FileCall.All)
        {
            AddRow(into.Of(call.Operation, FileWay.SystemCall), call.Row);
        }

        for (int operation = 0; operation < FileNames.Operations.Length; operation++)
        {
            ulong submitted = Difference(Submissions + operation);
            ulong own = operation == (int)FileOperation.Open ? _own.Submitted : 0;
            into.Submit((FileOperation)operation, submitted - Math.Min(own, submitted));
            if (_hasComplete)
            {
                AddRow(into.Of((FileOperation)operation, FileWay.IoUring), FileCall.FirstRingRow + operation);
            }
            else
            {
                // How it ended is not known.
                into.Of((FileOperation)operation, FileWay.IoUring).Add(0, into.Submitted[operation]);
            }
        }

        into.EventsProduced = Difference(Produced);
        ulong delivered = _file.Globals.Delivered;
        into.EventsDelivered = Saturating.Subtract(delivered, _lastDelivered);
        _lastDelivered = delivered;
        if (_hasEvents)
        {
            ulong dropped = _file.Maps.Events.Dropped;
            into.Dropped = Saturating.Subtract(dropped, _lastDropped);
            _lastDropped = dropped;
        }

        if (_losesEvents)
        {
            into.Degrade("tracefs cannot be read, and on this kernel a program at sys_exit misses calls while it is preempted");
        }

        ObserveHooks(into);
    }

    private protected override void SaveCounts(ref StateWriter into)
    {
        into.WriteAll<ulong>(_next);
        into.Write(_lastDelivered);
        into.Write(_lastDropped);
    }

    private protected override bool TryRestoreCounts(StateReader from)
    {
        from.ReadAll<ulong>(_next);
        (_lastDelivered, _lastDropped) = (from.Read<ulong>(), from.Read<ulong>());
        return true;
    }

    private protected override void DisposeOwn() => _ring?.Dispose();

    private static bool TracepointExists(BtfTypes kernel, string name) => kernel.Find("btf_trace_" + name, BtfKind.Typedef) != 0;

    // A program at a classic tracepoint reaches the arguments of a call, which are in its event, from 5.15 on.
    private static IReadOnlyList<HookChain> ChainsHere(HookFacts facts, bool events)
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        bool reachesArguments = kernel.Types.Find("bpf_task_pt_regs", BtfKind.Function) != 0;
        return Chains(kernel.Types, events && !reachesArguments ? facts with { HasTraceFs = false } : facts);
    }

    private void AddRow(FileFigures into, int row)
    {
        for (int result = 0; result < FileFigures.ResultCount; result++)
        {
            ulong count = Difference((row * FileFigures.ResultCount) + result);
            into.Add(result, count - Math.Min(count, _own.At(row, result)));
        }
    }

    private ulong Difference(int place) => _next[place] - _last[place];

    private ulong RowCount(int row)
    {
        ulong count = 0;
        for (int result = 0; result < FileFigures.ResultCount; result++)
        {
            count += Difference((row * FileFigures.ResultCount) + result);
        }

        return count;
    }

    private void ObserveHooks(FileReading into)
    {
        foreach (MonitorHook hook in into.HookArray)
        {
            switch (hook.Name)
            {
                case AllCallsHook:
                    (ulong calls, ulong own) = (0, 0);
                    for (int row = 0; row < FileCall.FirstRingRow; row++)
                    {
                        calls += RowCount(row);
                        own += _own[row];
                    }

                    hook.Observe(calls, own);
                    break;
                case SubmitHook or OldSubmitHook:
                    hook.Observe(Difference(Submissions) + Difference(Submissions + 1) + Difference(Submissions + 2), _ring is null ? null : _own.Submitted);
                    break;
                case CompleteHook:
                    hook.Observe(
                        RowCount(FileCall.FirstRingRow) + RowCount(FileCall.FirstRingRow + 1) + RowCount(FileCall.FirstRingRow + 2), _ring is null ? null : _own[FileCall.FirstRingRow]);
                    break;
                default:
                    foreach (FileCall call in FileCall.All)
                    {
                        if (hook.Name.AsSpan("sys_exit_".Length).SequenceEqual(call.Name))
                        {
                            hook.Observe(RowCount(call.Row), call.Number is null ? null : _own[call.Row]);
                        }
                    }

                    break;
            }
        }
    }

    /// <summary>Makes one operation of each kind, and copies the counters.</summary>
    private void TakeCounts()
    {
        (_last, _next) = (_next, _last);
        _own.Clear();
        FileStimulus.Run(_own);
        if (_ring is not null && _ring.TryOpenRoot(out int result))
        {
            _own.Submit();
            _own.Add(FileCall.FirstRingRow, Math.Max(0, -result));
        }

        CounterTotals.Sum(_counters, _next);
    }

    private void CountDelivered()
    {
        try
        {
            _file.Globals.Delivered++;
        }
        catch (ObjectDisposedException)
        {
            // The monitor ended while its events were read.
        }
    }

    private async IAsyncEnumerable<FileEvent> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (FileSkeleton.FileEvent record in _file.Maps.Events.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            CountDelivered();
            yield return FileEvent.Of(record);
        }
    }
}

/// <summary>The options for the start of a <see cref="FileMonitor"/>.</summary>
public sealed class FileMonitorOptions : MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public FileMonitorOptions()
    {
    }

    internal FileMonitorOptions(MonitorOptions other)
        : base(other)
    {
    }

    /// <summary>Writes an event with the path for each operation of other processes, for <see cref="FileMonitor.ReadAllAsync"/>. Paths may be private.</summary>
    public bool Events { get; init; }

    /// <summary>The process whose operations become events, by its ID in the first PID namespace; null for all.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The user whose operations become events, by its ID in the first user namespace; null for all.</summary>
    public uint? UserId { get; init; }

    /// <summary>The size of the buffer of events, in bytes: a power of two, at least a page. An event takes about 330 bytes, and of a rename 590.</summary>
    public int EventBufferSize { get; init; } = 1024 * 1024;
}
