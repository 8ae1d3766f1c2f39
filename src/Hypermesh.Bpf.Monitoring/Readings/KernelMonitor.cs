using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Readings;
using Hypermesh.Bpf.Objects;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>The options that all monitors have.</summary>
public class MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public MonitorOptions()
    {
    }

    /// <summary>Takes over the options that all monitors have.</summary>
    private protected MonitorOptions(MonitorOptions other)
        => (MeasureCost, ProcFs, SysFs, CGroupFs, LoggerFactory, Reloadable, Load, Pins, Kept)
            = (other.MeasureCost, other.ProcFs, other.SysFs, other.CGroupFs, other.LoggerFactory, other.Reloadable, other.Load, other.Pins, other.Kept);

    /// <summary>
    /// Makes the kernel measure the run time of programs while the monitor exists (5.8; requires CAP_SYS_ADMIN; costs every program on the machine 50 to 100 ns
    /// a run), so that readings contain the cost of the monitor itself.
    /// </summary>
    public bool MeasureCost { get; init; }

    /// <summary>Where procfs is mounted; another folder in a container that shows the host's.</summary>
    public string ProcFs { get; init; } = "/proc";

    /// <summary>Where sysfs is mounted.</summary>
    public string SysFs { get; init; } = "/sys";

    /// <summary>Where cgroups are mounted; null to find it among the mounts.</summary>
    public string? CGroupFs { get; init; }

    /// <summary>Receives the log messages of loading and attaching; null for none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Whether the programs are loaded so that <see cref="KernelMonitor.HotReload"/> loses no event: a small program of this SDK calls each of them (1 to 5 ns an event).
    /// </summary>
    public bool Reloadable { get; init; }

    /// <summary>What the choice of hooks depends on; null to read it from the machine.</summary>
    internal HookFacts? Facts { get; init; }

    /// <summary>How the object is loaded; null for the defaults.</summary>
    internal BpfLoadOptions? Load { get; init; }

    /// <summary>Where the programs stay for a successor; null to end with the process.</summary>
    internal BpfHandover? Pins { get; init; }

    /// <summary>What the last reading of a predecessor has left; null where there was none.</summary>
    internal StateReader? Kept { get; init; }

    /// <summary>What the choice of hooks depends on. A program at a classic tracepoint can stay for a successor from 5.15 on.</summary>
    internal HookFacts ReadFacts()
    {
        HookFacts facts = Facts ?? MachineFacts.Read();
        return Pins is null || BpfFeatures.IsSupported(BpfFeature.PerfEventLink) ? facts : facts with { HasTraceFs = false };
    }
}

/// <summary>
/// Base class of the monitors: programs on the hooks of one area of the kernel, read once a period. A monitor knows for each hook whether it fires, and compares its figures
/// with kernel counters that do not come from its own hooks. It owns its programs and detaches them when it is disposed.
/// </summary>
public abstract class KernelMonitor : IDisposable, IAsyncDisposable
{
    private readonly LoadedMonitor _loaded;
    private readonly BpfSkeleton _skeleton;
    private readonly BpfProgram[] _programs;
    private readonly StateReader? _kept;

    // The kernel gives no ID twice: kept counts belong to the maps that they were read from.
    private readonly uint[] _mapIds;
    private readonly bool _measuresCost;
    private readonly Lock _gate = new();
    private readonly MonitorHook[] _hooks;
    private IDisposable? _statistics;
    private bool _isReleased;
    private bool _isWithdrawn;
    private long _time;
    private ulong _misses;
    private ulong _costNs;
    private ulong _costRuns;

    private protected KernelMonitor(string name, LoadedMonitor loaded, MonitorOptions options)
    {
        Name = name;
        _loaded = loaded;
        _skeleton = loaded.Base;
        _hooks = [.. loaded.Hooks];
        _programs = [.. _skeleton.Live.Programs.Where(static program => program.IsLoaded)];
        _measuresCost = options.MeasureCost;
        _kept = loaded.KeepsCounts ? options.Kept : null;
        _mapIds = options.Pins is null ? [] : [.. _skeleton.Live.Maps.Where(static map => map.IsCreated).Select(static map => map.GetInfo().Id).Order()];
    }

    /// <summary>The name of the monitor in all outputs, such as <c>cpu</c>.</summary>
    public string Name { get; }

    /// <summary>The hooks, and what is known of each.</summary>
    public IReadOnlyList<MonitorHook> Hooks => _hooks;

    /// <summary>The loaded programs.</summary>
    internal IReadOnlyList<BpfProgram> Programs => _programs;

    /// <summary>What became of the programs and maps that a predecessor had left; null where there were none.</summary>
    internal BpfReload? Adopted => _skeleton.Live.Adopted;

    /// <summary>Whether the first reading begins where the last one of a predecessor has ended.</summary>
    internal bool IsContinued { get; private set; }

    /// <summary>The maps, of which some may not have been created.</summary>
    internal IReadOnlyCollection<BpfMapHandle> Maps => _skeleton.Live.Maps;

    /// <summary>
    /// Replaces the monitor's programs by those of another version of its object, while it counts: with <see cref="MonitorOptions.Reloadable"/>, or where its programs stay for a successor, without losing an event. The hooks stay those
    /// that were chosen at the start. A version that the kernel refuses leaves the running one as it was. Requires what the start requires.
    /// </summary>
    /// <param name="next">The object, compiled from <c>bpf-templates</c> of the source, with the same maps, records and variables.</param>
    /// <returns>What became of each program and map.</returns>
    /// <exception cref="BpfInterfaceException">Its maps, records or variables differ.</exception>
    /// <exception cref="BpfException">It has other maps or variables in addition, or the kernel refuses it; the running version continues.</exception>
    /// <exception cref="ObjectDisposedException">The monitor is disposed.</exception>
    public BpfReload HotReload(BpfObjectSpec next)
    {
        ArgumentNullException.ThrowIfNull(next);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isReleased, this);
            BpfSkeletonSpec version = _loaded.Open(next);
            if (_loaded.DifferenceTo(version.Object) is { } difference)
            {
                throw new BpfException($"The {Name} monitor cannot be reloaded from {next.Name}: {difference}, and its counts would begin anew. Restart it for this version.", next.Name, null);
            }

            return _skeleton.HotReload(version);
        }
    }

    /// <summary>Removes what lets a successor take the programs over: they end with the monitor.</summary>
    internal void Withdraw()
    {
        if (!_isWithdrawn)
        {
            _skeleton.Live.Withdraw();
            _isWithdrawn = true;
        }
    }

    /// <summary>Detaches and unloads the programs, unless they stay for a successor.</summary>
    public void Dispose()
    {
        try
        {
            _skeleton.Dispose();
        }
        finally
        {
            Release();
        }

        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _skeleton.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            Release();
        }

        GC.SuppressFinalize(this);
    }

    internal abstract MonitorReading NewReadingOfAnyKind();

    internal abstract void ReadAnyKind(MonitorReading into);

    /// <summary>Writes what the next reading is compared with, so that a successor can make that reading.</summary>
    internal void Save(ref StateWriter into)
    {
        lock (_gate)
        {
            into.Write(_time);
            into.Write(_misses);
            into.Write(_costNs);
            into.Write(_costRuns);
            into.WriteAll<uint>(_mapIds);
            SaveCounts(ref into);
        }
    }

    /// <summary>Starts the first period. Called once, when everything is attached.</summary>
    private protected void Begin()
    {
        _statistics = _measuresCost ? BpfStatistics.Enable() : null;
        _time = BootClock.Now;
        ReadPrograms();
    }

    /// <summary>Starts the first period where the last one of a predecessor ended, in place of <see cref="Begin"/>; false where there was none.</summary>
    private protected bool TryContinue()
    {
        if (_kept is null)
        {
            return false;
        }

        (long time, ulong misses, ulong costNs, ulong costRuns) = (_kept.Read<long>(), _kept.Read<ulong>(), _kept.Read<ulong>(), _kept.Read<ulong>());
        if (!_kept.ReadBytes().Span.SequenceEqual(MemoryMarshal.AsBytes<uint>(_mapIds)) || !TryRestoreCounts(_kept))
        {
            return false;
        }

        if (!_kept.IsAtEnd)
        {
            throw new InvalidDataException("The kept state has more values than this version reads.");
        }

        Begin();

        // A program that is called by no dispatcher has begun anew.
        (_time, _misses, _costNs, _costRuns) = (time, Math.Min(misses, _misses), Math.Min(costNs, _costNs), Math.Min(costRuns, _costRuns));
        return IsContinued = true;
    }

    /// <summary>Writes the counts of the last reading.</summary>
    private protected abstract void SaveCounts(ref StateWriter into);

    /// <summary>Reads what <see cref="SaveCounts"/> of a predecessor wrote; false if it counted something else, such as another network namespace.</summary>
    /// <exception cref="InvalidDataException">Another version wrote it.</exception>
    private protected abstract bool TryRestoreCounts(StateReader from);

    /// <summary>Fills what all readings have; <paramref name="take"/> fills the rest.</summary>
    private protected void Read<TReading>(TReading into, Action<TReading> take)
        where TReading : MonitorReading
    {
        ArgumentNullException.ThrowIfNull(into);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isReleased, this);
            (ulong misses, ulong costNs, ulong costRuns) = (_misses, _costNs, _costRuns);
            into.Begin(_hooks, _time);
            take(into);
            _time = into.EndNs = BootClock.Now;
            ReadPrograms();
            into.Missed = _misses - misses;
            into.CostNs = _statistics is null ? null : _costNs - costNs;
            into.CostRuns = _statistics is null ? null : _costRuns - costRuns;
            into.Judge();
        }
    }

    /// <summary>Disposes what a monitor owns beside its programs. Called once.</summary>
    private protected virtual void DisposeOwn()
    {
    }

    private void ReadPrograms()
    {
        (_misses, _costNs, _costRuns) = (0, 0, 0);
        foreach (BpfProgram program in _programs)
        {
            BpfRunStatistics statistics = program.GetRunStatistics();
            _misses += statistics.RecursionMisses;
            _costNs += statistics.RunTimeNs;
            _costRuns += statistics.RunCount;
        }
    }

    // Once, and not while a reading is made: what a monitor owns may be memory and descriptors, which something else has after their release.
    private void Release()
    {
        lock (_gate)
        {
            if (_isReleased)
            {
                return;
            }

            _isReleased = true;
            try
            {
                _statistics?.Dispose();
            }
            finally
            {
                DisposeOwn();
            }
        }
    }
}

/// <summary>A monitor with readings of one kind.</summary>
/// <typeparam name="TReading">The kind of reading.</typeparam>
public abstract class KernelMonitor<TReading> : KernelMonitor
    where TReading : MonitorReading
{
    private readonly Action<TReading> _take;

    private protected KernelMonitor(string name, LoadedMonitor loaded, MonitorOptions options)
        : base(name, loaded, options)
        => _take = Take;

    /// <summary>Creates an empty reading, which <see cref="Read"/> fills repeatedly.</summary>
    public abstract TReading NewReading();

    /// <summary>Fills a reading with what happened since the previous call, or since the start. Allocates nothing.</summary>
    /// <param name="into">The reading; its previous content is replaced.</param>
    /// <exception cref="BpfException">The read failed.</exception>
    /// <exception cref="ObjectDisposedException">The monitor is disposed.</exception>
    public void Read(TReading into) => Read(into, _take);

    internal sealed override MonitorReading NewReadingOfAnyKind() => NewReading();

    internal sealed override void ReadAnyKind(MonitorReading into) => Read((TReading)into);

    /// <summary>Reads the programs' figures and the kernel counters, and records what each hook has counted.</summary>
    private protected abstract void Take(TReading into);
}
