using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring.Kernel;

/// <summary>The perf event <c>context-switches</c> of each CPU, where the kernel allows it: a count that no program of the monitor has a part in.</summary>
internal sealed partial class PerfSwitchCounts : IDisposable
{
    private const ulong Absent = ulong.MaxValue;

    private readonly PerfEventCounter?[] _counters;

    private PerfSwitchCounts(PerfEventCounter?[] counters) => _counters = counters;

    public void Dispose()
    {
        foreach (PerfEventCounter? counter in _counters)
        {
            counter?.Dispose();
        }
    }

    /// <summary>Opens what can be opened. An offline CPU has none, nor has a process that is refused perf_event_open (as by a container's seccomp filter).</summary>
    internal static PerfSwitchCounts Open(ReadOnlySpan<int> cpus, ILogger? logger)
    {
        var counters = new PerfEventCounter?[cpus.Length];
        PerfEventSource switches = PerfEventSource.Software(PerfSoftwareEvent.ContextSwitches);
        for (int slot = 0; slot < cpus.Length; slot++)
        {
            try
            {
                counters[slot] = PerfEventCounter.Open(switches, PerfEventTarget.Cpu(cpus[slot]));
            }
            catch (BpfException reason)
            {
                if (logger is not null)
                {
                    LogAbsent(logger, cpus[slot], reason);
                }
            }
        }

        return new PerfSwitchCounts(counters);
    }

    /// <summary>Reads each count; one that is not there is told by <see cref="Difference"/>, from the reading on in which its CPU went offline.</summary>
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

    /// <summary>What was counted between two reads; null where either found no count.</summary>
    internal static ulong? Difference(ulong from, ulong to) => from == Absent || to == Absent ? null : to - from;

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "CPU {Cpu} has no perf count of its switches to hold the monitor's against")]
    private static partial void LogAbsent(ILogger logger, int cpu, Exception reason);
}
