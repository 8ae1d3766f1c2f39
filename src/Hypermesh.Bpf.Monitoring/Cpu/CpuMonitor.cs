using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring.Cpu;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Readings;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Measures context switches, run-queue latency, the time tasks run, migrations and interrupts of every CPU, and on request of every cgroup (5.10), with programs on the scheduler's
/// tracepoints. Each reading has the kernel's own counts of switches beside the monitor's, so the monitor states its own error. The monitor owns its programs and detaches them when it is disposed.
/// </summary>
/// <example>
/// <code>
/// await using CpuMonitor monitor = CpuMonitor.Start();
/// CpuReading reading = monitor.NewReading();
/// while (true)
/// {
///     Thread.Sleep(1000);
///     monitor.Read(reading);
///     Console.WriteLine($"{reading.Total.Switches} switches, 99 % of waits below {reading.Total.Latency.Percentile(0.99)} s");
/// }
/// </code>
/// </example>
public sealed class CpuMonitor : KernelMonitor<CpuReading>
{
    private const string SwitchHook = "sched_switch";
    private const string WakeHook = "sched_wakeup";
    private const string NewWakeHook = "sched_wakeup_new";
    private const string MigrateHook = "sched_migrate_task";

    /// <summary>The key of all cgroups for which the map has no room.</summary>
    private const ulong NoRoom = 0;

    /// <summary>The memory of the map of cgroups: a value for each CPU and entry.</summary>
    private const int CGroupBytes = 2 << 20;

    private static readonly bool s_storesInOrder = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private readonly CpuSkeleton _cpu;
    private readonly bool _byCGroup;
    private readonly ProcStat _kernel;
    private readonly CGroupNames? _names;
    private readonly int[] _cpus = PossibleCpus.Current.Numbers.ToArray();
    private readonly BpfMappedArray<CpuSkeleton.CpuCounters> _counters;
    private readonly BpfPerCpuMapBatch<ulong, CpuSkeleton.CgroupCounters> _groups = new();
    private readonly Dictionary<ulong, CpuSkeleton.CgroupCounters> _lastGroups = [];
    private readonly BpfProgram _switchProgram;
    private readonly PerfCounts _perf;
    private readonly PerfCounts _perfMigrations;
    private readonly CpuSkeleton.CpuState[] _states;
    private readonly ulong[] _owedRunTimes;
    private ulong[] _lastPerf;
    private ulong[] _nextPerf;
    private ulong[] _lastMigrations;
    private ulong[] _nextMigrations;
    private CpuSnapshot _last;
    private CpuSnapshot _next;
    private Counts _before;
    private Counts _after;
    private ulong _unnumbered;
    private ulong _switchMisses;

    private CpuMonitor(LoadedMonitor<CpuSkeleton> loaded, CpuMonitorOptions options, CGroupHierarchy? groups)
        : base("cpu", loaded, options)
    {
        _cpu = loaded.Skeleton;
        _byCGroup = options.ByCGroup;
        _kernel = new ProcStat(options.ProcFs);
        _names = groups is null ? null : new CGroupNames(groups);
        _counters = _cpu.Maps.Counters.Map();
        _switchProgram = _cpu.Programs.SchedSwitch.IsLoaded ? _cpu.Programs.SchedSwitch : _cpu.Programs.SchedSwitchOrdered;
        ILogger? logger = options.LoggerFactory?.CreateLogger<CpuMonitor>();
        _perf = PerfCounts.Open(PerfSoftwareEvent.ContextSwitches, _cpus, logger);
        _perfMigrations = PerfCounts.Open(PerfSoftwareEvent.CpuMigrations, _cpus, logger);
        (_lastPerf, _nextPerf) = (new ulong[_cpus.Length], new ulong[_cpus.Length]);
        (_lastMigrations, _nextMigrations) = (new ulong[_cpus.Length], new ulong[_cpus.Length]);
        _owedRunTimes = new ulong[_cpus.Length];
        _states = new CpuSkeleton.CpuState[_cpu.Maps.Sequences.Count];
        (_last, _next) = (new CpuSnapshot(_cpus.Length), new CpuSnapshot(_cpus.Length));
    }

    /// <summary>The loaded programs and maps.</summary>
    internal CpuSkeleton Loaded => _cpu;

    /// <summary>Loads and attaches the programs. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF).</remarks>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel lacks a feature that the programs need.</exception>
    /// <exception cref="BpfException">The load or an attach failed for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static CpuMonitor Start(CpuMonitorOptions? options = null)
        => Start(options ?? new CpuMonitorOptions(), s_storesInOrder);

    /// <inheritdoc/>
    public override CpuReading NewReading() => new(_cpus);

    /// <summary>The hooks of the monitor.</summary>
    internal static IReadOnlyList<HookChain> Chains() => Chains(s_storesInOrder);

    /// <summary>The hooks of the monitor.</summary>
    /// <param name="storesInOrder">Whether the processor keeps stores in order, so that the program needs no barrier (5.12) between them.</param>
    internal static IReadOnlyList<HookChain> Chains(bool storesInOrder)
        =>
        [
            new(SwitchHook, true, new HookOption(HookSource.TpBtf, storesInOrder ? "sched_switch" : "sched_switch_ordered", SwitchHook, "bool, task_struct, task_struct", "bool, task_struct, task_struct, unsigned_int")),
            new(WakeHook, true, new HookOption(HookSource.TpBtf, "sched_wakeup", WakeHook, "task_struct")),
            new(NewWakeHook, true, new HookOption(HookSource.TpBtf, "sched_wakeup_new", NewWakeHook, "task_struct")),
            new(MigrateHook, false, new HookOption(HookSource.TpBtf, "sched_migrate_task", MigrateHook, "task_struct, int")),
            new("softirq_entry", false, new HookOption(HookSource.TpBtf, "softirq_entry", "softirq_entry", "unsigned_int")),
            new("softirq_exit", false, new HookOption(HookSource.TpBtf, "softirq_exit", "softirq_exit", "unsigned_int")),
            new("irq_handler_entry", false, new HookOption(HookSource.TpBtf, "irq_handler_entry", "irq_handler_entry", "int, irqaction")),
            new("irq_handler_exit", false, new HookOption(HookSource.TpBtf, "irq_handler_exit", "irq_handler_exit", "int, irqaction, int")),
        ];

    /// <summary>Loads and attaches the programs.</summary>
    /// <param name="options">The options.</param>
    /// <param name="storesInOrder">Whether the processor keeps stores in order.</param>
    internal static CpuMonitor Start(CpuMonitorOptions options, bool storesInOrder)
    {
        CGroupHierarchy? groups = options.ByCGroup ? CGroupHierarchy.Find("cpuacct", options.CGroupFs, options.ProcFs) : null;
        LoadedMonitor<CpuSkeleton> loaded = MonitorLoader.Load("cpu", Chains(storesInOrder), options, static version => version is null ? CpuSkeleton.Open() : CpuSkeleton.Open(version), (spec, plan) =>
        {
            spec.Globals.ByCgroup = options.ByCGroup;
            spec.Globals.CgroupV1 = groups is { IsV1: true };
            spec.Programs.SchedSwitch.Enabled = plan.Uses("sched_switch");
            spec.Programs.SchedSwitchOrdered.Enabled = plan.Uses("sched_switch_ordered");
            spec.Maps.Cgroups.MaxEntries = (uint)Math.Clamp(CGroupBytes / (Unsafe.SizeOf<CpuSkeleton.CgroupCounters>() * PossibleCpus.Current.Count), 256, 16384);
            spec.Maps.Counters.MaxEntries = spec.Maps.Sequences.MaxEntries = (uint)PossibleCpus.Current.Numbers[^1] + 1;
        }, static (spec, load) => spec.Load(load));

        CpuMonitor? monitor = null;
        try
        {
            monitor = new CpuMonitor(loaded, options, groups);
            monitor.Attach(loaded);
            return monitor;
        }
        catch
        {
            loaded.Undo(monitor);
            throw;
        }
    }

    private protected override void Take(CpuReading into)
    {
        (Counts lastBefore, Counts lastAfter, ulong lastMisses) = (_before, _after, _switchMisses);
        TakeCounts();
        into.Ctxt = _after.Switches - lastAfter.Switches;
        into.CtxtLow = _before.Switches - lastAfter.Switches;
        into.CtxtHigh = _after.Switches - lastBefore.Switches;
        into.RecursionMisses = _switchMisses - lastMisses;

        bool hasPerf = false, lacksPerf = false;
        ulong perf = 0;
        var fired = default(Fired);
        for (int slot = 0; slot < _cpus.Length; slot++)
        {
            ref readonly CpuSkeleton.CpuCounters from = ref _last.Counters(slot);
            ref readonly CpuSkeleton.CpuCounters to = ref _next.Counters(slot);
            if (_last.NumberOf(slot) == 0)
            {
                _unnumbered -= Math.Min(_unnumbered, _next.NumberOf(slot));
            }

            ulong? numbered = _last.NumberOf(slot) == 0 ? null : _next.NumberOf(slot) - _last.NumberOf(slot);
            bool isTorn = _last.IsTorn(slot) || _next.IsTorn(slot);
            CpuFigures cpu = into.At(slot);
            cpu.Add(from, to, numbered, isTorn);
            into.Total.Add(from, to, numbered, isTorn);
            AddTaskTime(into, slot);
            fired.Add(from, to);
            if (PerfCounts.Difference(_lastPerf[slot], _nextPerf[slot]) is { } counted)
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
        into.Compare();
        if (_byCGroup)
        {
            ReadGroups(into);
        }

        ObserveHooks(into, fired, lastAfter);
    }

    private protected override void SaveCounts(ref StateWriter into)
    {
        into.Write(_before);
        into.Write(_after);
        into.Write(_unnumbered);
        into.Write(_switchMisses);
        _next.Save(ref into);
        into.WriteAll<ulong>(_owedRunTimes);
        into.Write(_lastGroups.Count);
        foreach ((ulong id, CpuSkeleton.CgroupCounters last) in _lastGroups)
        {
            into.Write(id);
            into.Write(last);
        }
    }

    private protected override bool TryRestoreCounts(StateReader from)
    {
        // What is counted for this process begins with it: its own switches, and the perf events.
        TakeCounts();
        ulong own = _before.OwnVoluntary, misses = _switchMisses;
        (_before, _after) = (from.Read<Counts>() with { OwnVoluntary = own }, from.Read<Counts>() with { OwnVoluntary = own });
        _unnumbered = from.Read<ulong>();
        _switchMisses = Math.Min(from.Read<ulong>(), misses);
        _next.Restore(from);
        from.ReadAll<ulong>(_owedRunTimes);
        for (int left = from.Read<int>(); left > 0; left--)
        {
            _lastGroups[from.Read<ulong>()] = from.Read<CpuSkeleton.CgroupCounters>();
        }

        return true;
    }

    private protected override void DisposeOwn()
    {
        try
        {
            _perf.Dispose();
            _perfMigrations.Dispose();
        }
        finally
        {
            _kernel.Dispose();
        }
    }

    // What the running task had run at the last reading may not have been known, or be known only now: the time is then in a later reading, and never counted twice.
    private void AddTaskTime(CpuReading into, int slot)
    {
        ulong seen = _next.RunTimeNs(slot);
        if (seen > _owedRunTimes[slot])
        {
            into.At(slot).AddTaskTime(seen - _owedRunTimes[slot]);
            into.Total.AddTaskTime(seen - _owedRunTimes[slot]);
            _owedRunTimes[slot] = seen;
        }
    }

    private void ReadGroups(CpuReading into)
    {
        _cpu.Maps.Cgroups.Read(_groups);
        foreach ((ulong id, PerCpu<CpuSkeleton.CgroupCounters> values) in _groups)
        {
            CpuSkeleton.CgroupCounters total = default;
            foreach (ref readonly CpuSkeleton.CgroupCounters one in values)
            {
                total.Switches += one.Switches;
                total.RunTimeNs += one.RunTimeNs;
                total.WaitNs += one.WaitNs;
            }

            ref CpuSkeleton.CgroupCounters last = ref CollectionsMarshal.GetValueRefOrAddDefault(_lastGroups, id, out _);
            if (total.Switches < last.Switches)
            {
                // The entry was removed just before a kill, and is a new one.
                last = default;
            }

            if (total.Switches != last.Switches || total.WaitNs != last.WaitNs)
            {
                CpuCGroupFigures group = into.AddCGroup(id, id == NoRoom ? null : _names?.PathOf(id));
                group.Switches = total.Switches - last.Switches;
                group.TaskTimeNs = total.RunTimeNs - last.RunTimeNs;
                group.RunQueueTimeNs = total.WaitNs - last.WaitNs;
                last = total;
                if (id == NoRoom)
                {
                    into.Degrade("there are more cgroups than their map has room for; those beyond it are counted together");
                }
            }
            else if (id != NoRoom && _groups.Count > _cpu.Maps.Cgroups.MaxEntries / 2 && _names is { } names && !names.Exists(id))
            {
                // The folder is gone and so are its tasks.
                _cpu.Maps.Cgroups.Remove(id);
                _lastGroups.Remove(id);
            }
        }

        into.OrderCGroups();
    }

    private void ObserveHooks(CpuReading into, in Fired fired, in Counts last)
    {
        ulong migrations = 0;
        for (int slot = 0; slot < _cpus.Length; slot++)
        {
            migrations += PerfCounts.Difference(_lastMigrations[slot], _nextMigrations[slot]) ?? 0;
        }

        // An interrupt that is no longer requested takes its count with it.
        ulong irqs = Saturating.Subtract(_before.Irqs, last.Irqs);
        foreach (MonitorHook hook in into.HookArray)
        {
            (ulong count, ulong? expected) = hook.Name switch
            {
                SwitchHook => (into.Total.Switches, _before.Switches - last.Switches),
                WakeHook => (fired.Wakeups, _before.OwnVoluntary - last.OwnVoluntary),
                NewWakeHook => (fired.NewWakeups, _before.Forks - last.Forks),
                MigrateHook => (into.Total.Migrations, migrations),
                "softirq_entry" => (fired.TimedSoftirqs, _before.Softirqs - last.Softirqs),
                "softirq_exit" => (fired.Softirqs, _before.Softirqs - last.Softirqs),
                "irq_handler_entry" => (into.Total.IrqTimeNs > 0 ? into.Total.Irqs : 0, irqs),
                _ => (into.Total.Irqs, (ulong?)irqs),
            };
            hook.Observe(count, expected);
        }
    }

    private void Attach(LoadedMonitor<CpuSkeleton> loaded)
    {
        _cpu.Programs.ReadSequences.Attach();
        _cpu.Maps.Cgroups.TryAdd(NoRoom, PerCpu<CpuSkeleton.CgroupCounters>.Allocate());
        loaded.Attach();
        if (TryContinue())
        {
            return;
        }

        // The programs of a predecessor know the tasks already.
        if (!loaded.KeepsCounts)
        {
            _cpu.Programs.SeedTasks.Run();
        }

        if (loaded.IsAdopted && _byCGroup)
        {
            ReadGroups(NewReading());
        }

        TakeCounts();

        // The number of switches is unknown for CPUs that are offline, and for those that no task of this PID namespace has run on.
        _unnumbered = Saturating.Subtract(_before.Switches, _next.Number);

        // The first read includes just-in-time compilation between the kernel's two counts; the second has a small difference.
        TakeCounts();
        for (int slot = 0; slot < _cpus.Length; slot++)
        {
            _owedRunTimes[slot] = _next.RunTimeNs(slot);
        }

        Begin();
    }

    /// <summary>
    /// Copies the counters and reads the perf events, between two reads of the kernel's own counts. The older copies are overwritten and exchanged at the end, so that nothing is counted twice after a
    /// read that failed.
    /// </summary>
    private void TakeCounts()
    {
        Counts before = ReadKernel();
        Copy();

        // The program may not have seen the last switches of a CPU; the next switch would show the gap, but a reading must not wait for it.
        if (_last.Number + _unnumbered < before.Switches)
        {
            Copy();
        }

        ulong misses = _switchProgram.GetRunStatistics().RecursionMisses;
        _perf.Read(_lastPerf);
        _perfMigrations.Read(_lastMigrations);
        (_before, _after, _switchMisses) = (before, ReadKernel(), misses);
        (_last, _next) = (_next, _last);
        (_lastPerf, _nextPerf) = (_nextPerf, _lastPerf);
        (_lastMigrations, _nextMigrations) = (_nextMigrations, _lastMigrations);
    }

    private void Copy()
    {
        _cpu.Programs.ReadSequences.Run();
        _cpu.Maps.Sequences.CopyTo(_states);
        using BpfMappedSpan<CpuSkeleton.CpuCounters> shared = _counters.Use();
        _last.Take(shared.Span, _states, _cpus);
    }

    private Counts ReadKernel()
    {
        _kernel.Read();
        return new Counts(_kernel.Switches, _kernel.Forks, _kernel.Softirqs, _kernel.Irqs, OwnSwitches.Read());
    }

    /// <summary>The kernel's counts at one moment. This process's own voluntary switches each end with a wake-up.</summary>
    private readonly record struct Counts(ulong Switches, ulong Forks, ulong Softirqs, ulong Irqs, ulong OwnVoluntary);

    /// <summary>What the programs counted on all CPUs, beside the figures.</summary>
    private struct Fired
    {
        internal ulong Wakeups;
        internal ulong NewWakeups;
        internal ulong Softirqs;
        internal ulong TimedSoftirqs;

        internal void Add(in CpuSkeleton.CpuCounters from, in CpuSkeleton.CpuCounters to)
        {
            Wakeups += to.Wakeups - from.Wakeups;
            NewWakeups += to.NewWakeups - from.NewWakeups;
            for (int vector = 0; vector < CpuFigures.SoftirqVectors.Count; vector++)
            {
                ulong runs = to.Softirqs[vector] - from.Softirqs[vector];
                Softirqs += runs;
                TimedSoftirqs += to.SoftirqNs[vector] > from.SoftirqNs[vector] ? runs : 0;
            }
        }
    }
}

/// <summary>The options for the start of a <see cref="CpuMonitor"/>.</summary>
public sealed class CpuMonitorOptions : MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public CpuMonitorOptions()
    {
    }

    internal CpuMonitorOptions(MonitorOptions other)
        : base(other)
    {
    }

    /// <summary>Counts switches, time and waits for each cgroup too. Costs a look-up in a hash at each switch.</summary>
    public bool ByCGroup { get; init; }
}
