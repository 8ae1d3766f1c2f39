using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Measures context switches and run-queue latency of every CPU (5.10), with programs on the scheduler's tracepoints. Each reading has the kernel's own counts
/// of switches beside the monitor's, so the monitor states its own error. The monitor owns its programs and detaches them when it is disposed.
/// </summary>
/// <example>
/// <code>
/// using CpuMonitor monitor = CpuMonitor.Start();
/// CpuReading reading = monitor.NewReading();
/// while (true)
/// {
///     Thread.Sleep(1000);
///     monitor.Read(reading);
///     Console.WriteLine($"{reading.Total.Switches} switches, 99 % of waits below {reading.Total.Latency.Percentile(0.99)} ns");
/// }
/// </code>
/// </example>
public sealed class CpuMonitor : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Cpu _cpu;
    private readonly IDisposable? _statistics;
    private readonly SwitchCount _kernel = new();
    private readonly int[] _cpus = PossibleCpus.Current.Numbers.ToArray();
    private readonly BpfMappedArray<Cpu.CpuCounters> _counters;
    private readonly BpfProgram[] _programs;
    private readonly BpfProgram _switchProgram;
    private readonly PerfSwitchCounts _perf;
    private readonly ulong[] _sequences;
    private ulong[] _lastPerf;
    private ulong[] _nextPerf;
    private CpuSnapshot _last;
    private CpuSnapshot _next;
    private ulong _before;
    private ulong _after;
    private ulong _unnumbered;
    private long _time;
    private ulong _misses;
    private ulong _costNs;
    private ulong _costRuns;

    private CpuMonitor(Cpu cpu, IDisposable? statistics, ILogger? logger)
    {
        _cpu = cpu;
        _statistics = statistics;
        _counters = cpu.Maps.Counters.Map();
        _programs = [.. cpu.Live.Programs.Where(static program => program.IsLoaded)];
        _switchProgram = cpu.Programs.SchedSwitch.IsLoaded ? cpu.Programs.SchedSwitch : cpu.Programs.SchedSwitchOrdered;
        _perf = PerfSwitchCounts.Open(_cpus, logger);
        _lastPerf = new ulong[_cpus.Length];
        _nextPerf = new ulong[_cpus.Length];
        _sequences = new ulong[cpu.Maps.Sequences.Count];
        _last = new CpuSnapshot(_cpus.Length);
        _next = new CpuSnapshot(_cpus.Length);
    }

    /// <summary>True when the wake times of tasks are in task storage (5.12), false when they are in a hash keyed by thread, which costs more.</summary>
    public bool UsesTaskStorage => _cpu.Globals.UseTaskStorage;

    /// <summary>The loaded programs and maps.</summary>
    internal Cpu Loaded => _cpu;

    /// <summary>Loads and attaches the programs. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF).</remarks>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel lacks a feature that the programs need.</exception>
    /// <exception cref="BpfException">The load or an attach failed for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static CpuMonitor Start(CpuMonitorOptions? options = null)
        => Start(options ?? new CpuMonitorOptions(), storesInOrder: RuntimeInformation.ProcessArchitecture == Architecture.X64);

    /// <summary>Loads and attaches the programs.</summary>
    /// <param name="options">The options.</param>
    /// <param name="storesInOrder">Whether the processor keeps stores in order, so that the programs need no barrier (5.12) between them.</param>
    internal static CpuMonitor Start(CpuMonitorOptions options, bool storesInOrder)
    {
        bool storage = BpfFeatures.Current.Has(BpfFeature.TaskStorageInTracing);
        Cpu.Spec spec = Cpu.Open();
        spec.Globals.UseTaskStorage = storage;
        spec.Maps.WakeStorage.Enabled = storage;
        spec.Maps.WakeHash.Enabled = !storage;
        spec.Programs.TaskNewtask.Enabled = storage;
        spec.Programs.SeedTasks.Enabled = storage;
        spec.Programs.SchedSwitch.Enabled = storesInOrder;
        spec.Programs.SchedSwitchOrdered.Enabled = !storesInOrder;
        spec.Maps.Counters.MaxEntries = spec.Maps.Sequences.MaxEntries = (uint)PossibleCpus.Current.Numbers[^1] + 1;

        Cpu cpu = spec.Load(new BpfLoadOptions { LoggerFactory = options.LoggerFactory });
        IDisposable? statistics = null;
        CpuMonitor? monitor = null;
        try
        {
            statistics = options.MeasureCost ? BpfStatistics.Enable() : null;
            monitor = new CpuMonitor(cpu, statistics, options.LoggerFactory?.CreateLogger<CpuMonitor>());
            monitor.Attach();
            return monitor;
        }
        catch
        {
            monitor?.Dispose();
            statistics?.Dispose();
            cpu.Dispose();
            throw;
        }
    }

    /// <summary>Creates an empty reading, which <see cref="Read"/> fills repeatedly.</summary>
    public CpuReading NewReading() => new(_cpus);

    /// <summary>Fills a reading with what happened since the previous call, or since the start.</summary>
    /// <param name="into">The reading; its previous content is replaced.</param>
    /// <exception cref="BpfSyscallException">The read failed.</exception>
    /// <exception cref="ObjectDisposedException">The monitor is disposed.</exception>
    public void Read(CpuReading into)
    {
        ArgumentNullException.ThrowIfNull(into);
        lock (_gate)
        {
            ulong lastBefore = _before, lastAfter = _after, lastMisses = _misses, lastCostNs = _costNs, lastCostRuns = _costRuns;
            into.StartNs = _time;
            Take(lookUp: false);
            into.EndNs = _time;
            into.Ctxt = _after - lastAfter;
            into.CtxtLow = _before - lastAfter;
            into.CtxtHigh = _after - lastBefore;
            into.RecursionMisses = _misses - lastMisses;
            into.CostNs = _statistics is null ? null : _costNs - lastCostNs;
            into.CostRuns = _statistics is null ? null : _costRuns - lastCostRuns;

            into.Clear();
            bool hasPerf = false, lacksPerf = false;
            ulong perf = 0;
            for (int slot = 0; slot < _cpus.Length; slot++)
            {
                ref readonly Cpu.CpuCounters from = ref _last.Counters(slot);
                ref readonly Cpu.CpuCounters to = ref _next.Counters(slot);
                if (_last.NumberOf(slot) == 0)
                {
                    _unnumbered -= Math.Min(_unnumbered, _next.NumberOf(slot));
                }

                ulong? numbered = _last.NumberOf(slot) == 0 ? null : _next.NumberOf(slot) - _last.NumberOf(slot);
                bool isTorn = _last.IsTorn(slot) || _next.IsTorn(slot);
                CpuFigures cpu = into.At(slot);
                cpu.Add(from, to, numbered, isTorn);
                into.Total.Add(from, to, numbered, isTorn);
                if (PerfSwitchCounts.Difference(_lastPerf[slot], _nextPerf[slot]) is { } counted)
                {
                    cpu.SetPerfSwitches(counted);
                    perf += counted;
                    hasPerf = true;
                }
                else
                {
                    // An offline CPU has neither a count nor switches, so the sum of the others is the total.
                    lacksPerf |= cpu.Switches + cpu.Unseen > 0;
                }
            }

            into.Total.SetPerfSwitches(hasPerf && !lacksPerf ? perf : null);
        }
    }

    /// <summary>Detaches and unloads the programs.</summary>
    public void Dispose()
    {
        try
        {
            _cpu.Dispose();
        }
        finally
        {
            DisposeOwn();
        }
    }

    /// <summary>Detaches and unloads the programs.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _cpu.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            DisposeOwn();
        }
    }

    private void DisposeOwn()
    {
        try
        {
            _statistics?.Dispose();
        }
        finally
        {
            try
            {
                _perf.Dispose();
            }
            finally
            {
                _kernel.Dispose();
            }
        }
    }

    private void Attach()
    {
        if (UsesTaskStorage)
        {
            // The tracepoint of new tasks first, so that no task is missed between the walk over all tasks and the attach.
            _cpu.Programs.TaskNewtask.Attach();
            _cpu.Programs.SeedTasks.Run();
        }

        _cpu.Programs.ReadSequences.Attach();
        _cpu.Programs.SchedWakeup.Attach();
        _cpu.Programs.SchedWakeupNew.Attach();
        if (_cpu.Programs.SchedSwitch.IsLoaded)
        {
            _cpu.Programs.SchedSwitch.Attach();
        }
        else
        {
            _cpu.Programs.SchedSwitchOrdered.Attach();
        }

        Take(lookUp: true);

        // The number of switches is unknown for CPUs that are offline, and for those that no task of this PID namespace has run on.
        _unnumbered = _before > _next.Number ? _before - _next.Number : 0;

        // The first read includes just-in-time compilation between the kernel's two counts; the second has a small difference.
        Take(lookUp: false);
    }

    /// <summary>Copies the counters and reads the perf events, between two reads of the kernel's own count (<c>ctxt</c>).</summary>
    private void Take(bool lookUp)
    {
        (_last, _next) = (_next, _last);
        (_lastPerf, _nextPerf) = (_nextPerf, _lastPerf);
        _before = _kernel.Read();
        _time = BootClock.Now;
        if (!lookUp)
        {
            Copy();
        }

        // The program may not have seen the last switches of a CPU; the next switch would show the gap, but a reading must not wait for it.
        if (lookUp || _next.Number + _unnumbered < _before)
        {
            _cpu.Programs.ReadSequences.Run();
            _cpu.Maps.Sequences.CopyTo(_sequences);
            Copy();
        }

        _misses = _switchProgram.GetRunStatistics().RecursionMisses;
        _perf.Read(_nextPerf);
        if (_statistics is not null)
        {
            ReadCost();
        }

        _after = _kernel.Read();
    }

    private void Copy()
    {
        using BpfMappedSpan<Cpu.CpuCounters> shared = _counters.Use();
        _next.Take(shared.Span, _sequences, _cpus);
    }

    private void ReadCost()
    {
        _costNs = 0;
        _costRuns = 0;
        foreach (BpfProgram program in _programs)
        {
            BpfRunStatistics statistics = program.GetRunStatistics();
            _costNs += statistics.RunTimeNs;
            _costRuns += statistics.RunCount;
        }
    }
}

/// <summary>The options for the start of a <see cref="CpuMonitor"/>.</summary>
public sealed class CpuMonitorOptions
{
    /// <summary>
    /// Makes the kernel measure the run time of programs while the monitor exists (5.8; requires CAP_SYS_ADMIN; costs every program on the machine 50 to 100 ns
    /// a run), so that readings contain the cost of the monitor itself.
    /// </summary>
    public bool MeasureCost { get; init; }

    /// <summary>Receives the log messages of loading and attaching; null for none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
