using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>Counts an event of each CPU by a perf event, where the kernel allows it. The counts do not depend on the monitor's programs.</summary>
internal sealed partial class PerfCounts : IDisposable
{
    private const ulong Absent = ulong.MaxValue;

    private readonly PerfEventCounter?[] _counters;

    private PerfCounts(PerfEventCounter?[] counters) => _counters = counters;

    /// <summary>True when there is no counter on any CPU.</summary>
    internal bool IsEmpty => Array.TrueForAll(_counters, static counter => counter is null);

    public void Dispose()
    {
        foreach (PerfEventCounter? counter in _counters)
        {
            counter?.Dispose();
        }
    }

    /// <summary>Opens a counter on each CPU. There is none for an offline CPU, or where perf_event_open is refused (for example by a container's seccomp filter).</summary>
    internal static PerfCounts Open(PerfSoftwareEvent counted, ReadOnlySpan<int> cpus, ILogger? logger) => Open(PerfEventSource.Software(counted), cpus, logger);

    /// <inheritdoc cref="Open(PerfSoftwareEvent, ReadOnlySpan{int}, ILogger?)"/>
    internal static PerfCounts Open(PerfEventSource source, ReadOnlySpan<int> cpus, ILogger? logger)
    {
        var counters = new PerfEventCounter?[cpus.Length];
        for (int slot = 0; slot < cpus.Length; slot++)
        {
            try
            {
                counters[slot] = PerfEventCounter.Open(source, PerfEventTarget.Cpu(cpus[slot]));
            }
            catch (BpfException reason)
            {
                if (logger is not null)
                {
                    LogAbsent(logger, cpus[slot], source, reason);
                }
            }
        }

        return new PerfCounts(counters);
    }

    /// <summary>Reads each count. From the reading on in which a CPU went offline, <see cref="Difference"/> returns null for it.</summary>
    internal void Read(Span<ulong> into)
    {
        for (int slot = 0; slot < _counters.Length; slot++)
        {
            if (_counters[slot] is { } counter && !counter.TryRead(out into[slot]))
            {
                counter.Dispose();
                _counters[slot] = null;
            }

            if (_counters[slot] is null)
            {
                into[slot] = Absent;
            }
        }
    }

    /// <summary>The count between two reads; null when there is none in either.</summary>
    internal static ulong? Difference(ulong from, ulong to) => from == Absent || to == Absent ? null : to - from;

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "CPU {Cpu} has no perf event count of {Event} to compare the monitor's figures with")]
    private static partial void LogAbsent(ILogger logger, int cpu, PerfEventSource @event, Exception reason);
}
