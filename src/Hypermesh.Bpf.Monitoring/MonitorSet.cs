using System.Buffers;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Readings;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Monitoring.Writers;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>The options for the start of a <see cref="MonitorSet"/>.</summary>
public sealed class MonitorSetOptions : MonitorOptions
{
    /// <summary>The names of the monitors to start, as in <see cref="MonitorSet.KnownNames"/>; null for all.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Adds the figures of each cgroup.</summary>
    public bool ByCGroup { get; init; }

    /// <summary>The most series that Prometheus and OTLP get, from 100 to 10,000. What does not fit is added to the series <c>other</c> and counted.</summary>
    public int SeriesLimit { get; init; } = MetricStore.DefaultLimit;

    /// <summary>
    /// Where the programs stay when this process ends, also when it is killed, and where its successor takes them over with all totals; null to end with the process. The programs go on counting between the two: the successor's
    /// first reading begins where the last one of its predecessor ended, and no counter of the outputs goes down. Requires what <see cref="BpfHandover"/> does.
    /// </summary>
    /// <remarks>
    /// If a new version counts in maps of another layout, its totals continue, but what happened between that last reading and its start is not in them. The file monitor opens and removes files with an empty path at each reading, to prove
    /// its hooks, and leaves them out. After a <c>SIGKILL</c> during a reading, the next one contains those of the interrupted one: at most one of each call.
    /// </remarks>
    public BpfHandover? Handover { get; init; }

    /// <summary>Creates the default options.</summary>
    public MonitorSetOptions()
    {
    }

    private MonitorSetOptions(MonitorSetOptions other)
        : base(other)
        => (Names, ByCGroup, SeriesLimit, Handover, Facts) = (other.Names, other.ByCGroup, other.SeriesLimit, other.Handover, other.Facts);

    /// <summary>The options of one monitor.</summary>
    internal MonitorSetOptions ForMonitor(string name, KeptTotals? kept, bool continues)
        => kept is null ? this : new(this) { Pins = new BpfHandover(Path.Combine(Handover!.Folder, name)) { Wait = Handover.Wait }, Kept = continues ? kept.FindCounts(name) : null };
}

/// <summary>
/// Several monitors that are read together, and their totals. A monitor that cannot run here is in the set as refused, with the reason; the others go on. All members may be called from several
/// threads, but the readings of the <see cref="Monitors"/> are overwritten by the next <see cref="Read"/>: only the thread that calls it may look at them.
/// </summary>
/// <example>
/// <code>
/// await using MonitorSet monitors = MonitorSet.Start();
/// await Task.Delay(1000);
/// monitors.Read();
/// foreach (MonitorSlot slot in monitors.Monitors)
/// {
///     Console.WriteLine($"{slot.Name}: {slot.Condition} {slot.Reason}");
/// }
/// </code>
/// </example>
public sealed class MonitorSet : IDisposable, IAsyncDisposable
{
    private static readonly KnownMonitor[] s_known =
    [
        new("cpu", static options => CpuMonitor.Start(new CpuMonitorOptions(options) { ByCGroup = options.ByCGroup }), static (_, _) => CpuMonitor.Chains()),
        new("network", static options => NetworkMonitor.Start(new NetworkMonitorOptions(options)), static (_, _) => NetworkMonitor.Chains()),
        new("tcp", static options => TcpMonitor.Start(new TcpMonitorOptions(options)), static (_, _) => TcpMonitor.Chains()),
        new("disk", static options => DiskMonitor.Start(new DiskMonitorOptions(options) { ByCGroup = options.ByCGroup }), static (_, _) => DiskMonitor.Chains()),
        new("memory", static options => MemoryMonitor.Start(new MemoryMonitorOptions(options)), static (_, _) => MemoryMonitor.Chains(pageAllocations: true)),
        new("process", static options => ProcessMonitor.Start(new ProcessMonitorOptions(options)), static (_, _) => ProcessMonitor.Chains()),
        new("file", static options => FileMonitor.Start(new FileMonitorOptions(options)), FileMonitor.Chains),
        new("gpu", static options => GpuMonitor.Start(new GpuMonitorOptions(options)), static (_, _) => GpuMonitor.Chains()),
    ];

    private readonly MonitorSlot[] _slots;
    private readonly MetricStore _store;
    private readonly KeptTotals? _kept;
    private readonly PrometheusWriter _prometheus = new();
    private readonly MonitorJson _json;

    /// <summary>Guards the readings. It is taken before the store's.</summary>
    private readonly Lock _reading = new();

    internal MonitorSet(MonitorSlot[] slots, MetricStore store, MonitorSetOptions options, KeptTotals? kept = null)
    {
        _slots = slots;
        _store = store;
        _kept = kept;
        _json = new MonitorJson(options.ProcFs);
    }

    /// <summary>The names of all monitors.</summary>
    public static IReadOnlyList<string> KnownNames { get; } = [.. s_known.Select(static one => one.Name)];

    /// <summary>All monitors, with their hooks.</summary>
    internal static IReadOnlyList<KnownMonitor> Known => s_known;

    /// <summary>The monitors of the set, in the order of <see cref="KnownNames"/>.</summary>
    public IReadOnlyList<MonitorSlot> Monitors => _slots;

    /// <summary>Starts the monitors.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The set; the caller disposes it.</returns>
    /// <remarks>Each monitor requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF); without them it is in the set as refused.</remarks>
    /// <exception cref="ArgumentException">There is no monitor of one of the names.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="MonitorSetOptions.SeriesLimit"/> is not from 100 to 10,000.</exception>
    /// <exception cref="BpfException">The folder of <see cref="MonitorSetOptions.Handover"/> is in use, is not in a BPF file system, or has something else.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static MonitorSet Start(MonitorSetOptions? options = null)
    {
        options ??= new MonitorSetOptions();
        string[] names = [.. options.Names ?? KnownNames];
        if (names.FirstOrDefault(static name => !KnownNames.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            throw new ArgumentException($"There is no monitor '{unknown}'; there are: {string.Join(", ", KnownNames)}.", nameof(options));
        }

        using KernelBtf? types = HoldKernelTypes();
        var store = new MetricStore(options.SeriesLimit);
        var slots = new List<MonitorSlot>();
        KeptTotals? kept = options.Handover is null ? null : KeptTotals.Open(options.Handover, options.LoggerFactory);
        try
        {
            kept?.Restore(store);
            foreach (KnownMonitor known in s_known)
            {
                if (names.Contains(known.Name, StringComparer.Ordinal))
                {
                    slots.Add(MonitorSlot.Start(known.Name, () => Start(known, options, kept)));
                }
            }

            // From here on a kill leaves what this set's first reading begins with.
            kept?.Write(store, [.. slots]);
            return new MonitorSet([.. slots], store, options, kept);
        }
        catch
        {
            slots.ForEach(static slot => slot.Monitor?.Dispose());
            kept?.Dispose();
            throw;
        }
    }

    // A monitor whose last counts another version has written in another way begins anew, and its totals continue.
    private static KernelMonitor Start(KnownMonitor known, MonitorSetOptions options, KeptTotals? kept)
    {
        try
        {
            return known.Start(options.ForMonitor(known.Name, kept, continues: true));
        }
        catch (InvalidDataException)
        {
            return known.Start(options.ForMonitor(known.Name, kept, continues: false));
        }
    }

    /// <summary>The number of readings so far.</summary>
    public long Sequence
    {
        get
        {
            lock (_store.Gate)
            {
                return _store.Sequence;
            }
        }
    }

    /// <summary>The totals, for the writers.</summary>
    internal MetricStore Store => _store;

    /// <summary>Keeps the kernel's types in memory: each monitor reads them when it starts. Null where there are none, which the monitors say.</summary>
    internal static KernelBtf? HoldKernelTypes()
    {
        try
        {
            return KernelBtf.Acquire();
        }
        catch (Exception reason) when (reason is BpfException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Reads all monitors, and adds what they counted to the totals.</summary>
    public void Read()
    {
        lock (_reading)
        {
            foreach (MonitorSlot slot in _slots)
            {
                slot.Read();
            }

            // A scrape waits for this part only, not for the kernel.
            lock (_store.Gate)
            {
                _store.Begin(DateTimeOffset.UtcNow);
                if (_store.Sequence == 1)
                {
                    _store.BeginClaims();
                    Report();
                    _store.EndClaims();
                }

                Report();
                _store.End();
            }

            _kept?.Write(_store, _slots);
        }
    }

    /// <summary>Writes the totals as Prometheus's text format, version 0.0.4. Nothing is allocated for a series.</summary>
    /// <param name="output">Receives the text in UTF-8.</param>
    public void WritePrometheus(IBufferWriter<byte> output) => _prometheus.Write(_store, output);

    /// <summary>Writes the last reading of all monitors as one JSON object.</summary>
    /// <param name="writer">Receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer) => WriteJson(writer, null);

    /// <summary>Writes the last reading of all monitors as one JSON object, with further properties at its end.</summary>
    internal void WriteJson(Utf8JsonWriter writer, Action<Utf8JsonWriter>? further)
    {
        lock (_reading)
        {
            _json.Write(_slots, _store, writer, further);
        }
    }

    /// <summary>
    /// Creates the meter <c>Hypermesh.Bpf.Monitoring</c> with an observable instrument for each counter and each gauge, for an application's own OpenTelemetry. Histograms are not among them: an
    /// instrument cannot take counted values.
    /// </summary>
    /// <param name="factory">Creates the meter; null to create one without a factory.</param>
    /// <returns>The meter; the caller disposes it, unless it came from a factory.</returns>
    public Meter CreateMeter(IMeterFactory? factory = null) => MonitorInstruments.Create(_store, factory);

    /// <summary>Returns the condition of each monitor at the last reading, from any thread.</summary>
    internal (string Name, MonitorCondition Condition, string? Reason)[] Conditions()
    {
        lock (_reading)
        {
            return [.. _slots.Select(static slot => (slot.Name, slot.Condition, slot.Reason))];
        }
    }

    /// <summary>Removes what <see cref="MonitorSetOptions.Handover"/> leaves: no successor takes the monitors over, and they end when the set is disposed.</summary>
    /// <exception cref="InvalidOperationException">The set was started without it.</exception>
    /// <exception cref="BpfException">A pin cannot be removed.</exception>
    public void Withdraw()
    {
        if (_kept is null)
        {
            throw new InvalidOperationException($"The monitors were started without {nameof(MonitorSetOptions)}.{nameof(MonitorSetOptions.Handover)}: there is nothing to withdraw.");
        }

        var failures = new List<Exception>();
        lock (_reading)
        {
            // The totals are last: while they are there, the folder is known as that of a set.
            foreach (string name in KnownNames)
            {
                try
                {
                    if (Array.Find(_slots, slot => slot.Name == name)?.Monitor is { } monitor)
                    {
                        monitor.Withdraw();
                    }
                    else
                    {
                        _kept.Remove(name);
                    }
                }
                catch (BpfException failure)
                {
                    failures.Add(failure);
                }
            }

            if (failures.Count == 0)
            {
                _kept.Withdraw();
            }
        }

        Throw(failures);
    }

    /// <summary>Detaches and unloads all monitors, unless they stay for a successor. One that fails does not keep the others: the failures are thrown at the end, several as an <see cref="AggregateException"/>.</summary>
    public void Dispose()
    {
        var failures = new List<Exception>();
        lock (_reading)
        {
            foreach (MonitorSlot slot in _slots)
            {
                try
                {
                    slot.Monitor?.Dispose();
                }
                catch (Exception failure)
                {
                    failures.Add(failure);
                }
            }

            _kept?.Dispose();
        }

        Throw(failures);
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        foreach (MonitorSlot slot in _slots)
        {
            try
            {
                await (slot.Monitor?.DisposeAsync() ?? default).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }

        _kept?.Dispose();
        Throw(failures);
    }

    private static void Throw(List<Exception> failures)
    {
        if (failures is [Exception one])
        {
            ExceptionDispatchInfo.Throw(one);
        }

        if (failures.Count > 1)
        {
            throw new AggregateException($"{failures.Count} monitors failed; the others did not.", failures);
        }
    }

    private void Report()
    {
        foreach (MonitorSlot slot in _slots)
        {
            TrustFigures.Report(slot, _store);
            if (slot.HasReading)
            {
                slot.Reading!.Report(_store);
            }
        }
    }
}

/// <summary>A monitor that a set can start.</summary>
/// <param name="Name">Its name in all outputs.</param>
/// <param name="Start">Starts it.</param>
/// <param name="Chains">
/// Returns its hooks for a kernel with these types, and for what the machine allows: null to go by the types alone, and as if tracefs were there. It loads nothing, so that the types may be another
/// kernel's.
/// </param>
internal sealed record KnownMonitor(string Name, Func<MonitorSetOptions, KernelMonitor> Start, Func<BtfTypes, HookFacts?, IReadOnlyList<HookChain>> Chains);
