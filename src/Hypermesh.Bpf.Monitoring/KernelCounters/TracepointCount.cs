using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>
/// Counts a tracepoint by perf events, one on each CPU: a count by the kernel that needs no program. While a program of anyone is attached to the classic tracepoint and returns 0, the
/// kernel hides the event from perf, so the count may be too low, but never too high.
/// </summary>
internal sealed class TracepointCount : IDisposable
{
    private const uint TypeTracepoint = 2;

    private readonly PerfCounts _counts;
    private readonly ulong[] _last;
    private readonly ulong[] _next;
    private ulong _total;

    private TracepointCount(PerfCounts counts, int cpus)
    {
        _counts = counts;
        (_last, _next) = (new ulong[cpus], new ulong[cpus]);
        _counts.Read(_last);
    }

    public void Dispose() => _counts.Dispose();

    /// <summary>Opens the count; null where tracefs cannot be read or perf_event_open is refused.</summary>
    internal static TracepointCount? TryOpen(string category, string name, ReadOnlySpan<int> cpus, ILogger? logger)
    {
        if (!TryReadId(category, name, out ulong id))
        {
            return null;
        }

        PerfCounts counts = PerfCounts.Open(PerfEventSource.Raw(TypeTracepoint, id), cpus, logger);
        if (counts.IsEmpty)
        {
            counts.Dispose();
            return null;
        }

        return new TracepointCount(counts, cpus.Length);
    }

    /// <summary>Returns the number of events since the count was opened. Those of a CPU that goes offline are counted up to the last read.</summary>
    internal ulong Read()
    {
        _counts.Read(_next);
        for (int slot = 0; slot < _next.Length; slot++)
        {
            _total += PerfCounts.Difference(_last[slot], _next[slot]) ?? 0;
            _last[slot] = _next[slot];
        }

        return _total;
    }

    private static bool TryReadId(string category, string name, out ulong id)
    {
        foreach (string events in TraceFs.EventFolders)
        {
            try
            {
                id = ulong.Parse(File.ReadAllText($"{events}/{category}/{name}/id"), CultureInfo.InvariantCulture);
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
            {
                // Not mounted, or not readable: the next place.
            }
        }

        id = 0;
        return false;
    }
}

/// <summary>The tracing file system.</summary>
internal static class TraceFs
{
    /// <summary>The folders of all events, at each of its two mount points.</summary>
    internal static IReadOnlyList<string> EventFolders { get; } = ["/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events"];
}
