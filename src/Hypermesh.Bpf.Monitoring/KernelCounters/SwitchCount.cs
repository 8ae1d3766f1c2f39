using System.Buffers.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>Reads the kernel's own count of context switches: <c>ctxt</c> of <c>/proc/stat</c>. The file is kept open, and read again without allocating.</summary>
internal sealed class SwitchCount : IDisposable
{
    private const string Path = "/proc/stat";

    private readonly SafeFileHandle _file = File.OpenHandle(Path);
    private byte[] _text = new byte[16 * 1024];

    public void Dispose() => _file.Dispose();

    internal ulong Read()
    {
        int length = 0;
        while (true)
        {
            int read = RandomAccess.Read(_file, _text.AsSpan(length), length);
            length += read;
            if (TryFind(_text.AsSpan(0, length), out ulong count))
            {
                return count;
            }

            if (read == 0)
            {
                throw new BpfException($"{Path} has no line \"ctxt\".");
            }

            // The line of interrupts before it is longer on larger machines.
            if (length == _text.Length)
            {
                Array.Resize(ref _text, _text.Length * 2);
            }
        }
    }

    /// <summary>Parses the figure of the line; false unless the line is complete.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> text, out ulong count)
    {
        ReadOnlySpan<byte> name = "\nctxt "u8;
        int at = text.IndexOf(name);
        if (at >= 0)
        {
            ReadOnlySpan<byte> figure = text[(at + name.Length)..];
            int end = figure.IndexOf((byte)'\n');
            if (end > 0)
            {
                return Utf8Parser.TryParse(figure[..end], out count, out int used) && used == end;
            }
        }

        count = 0;
        return false;
    }
}

/// <summary>Counts the context switches of each CPU by a perf event, where the kernel allows it. The counts do not depend on the monitor's programs.</summary>
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

    /// <summary>Opens a counter on each CPU. There is none for an offline CPU, or where perf_event_open is refused (for example by a container's seccomp filter).</summary>
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

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "CPU {Cpu} has no perf event count to compare the monitor's switches with")]
    private static partial void LogAbsent(ILogger logger, int cpu, Exception reason);
}
