using System.Diagnostics;
using System.Globalization;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>Samples the CPU time and memory of all processes from <c>/proc</c>, so seldom that it takes at most 1 % of one core.</summary>
internal sealed class ProcessSampler(string procFs = "/proc")
{
    private const int Shown = 100;

    // USER_HZ, which is 100 on every architecture of .NET.
    private const double TicksPerSecond = 100;

    /// <summary>The least time between two samples, as a multiple of the time that one takes.</summary>
    private const int PauseFactor = 100;

    // Fields of /proc/PID/stat after the name: state is the first.
    private const int UserTime = 11;
    private const int SystemTime = 12;
    private const int StartTime = 19;
    private const int ResidentPages = 21;

    private Dictionary<int, (long Start, long Ticks)> _last = [];
    private ProcessesSnapshot? _snapshot;
    private long _lastTime;
    private TimeSpan _took;

    /// <summary>Returns the busiest processes; null before the second sample.</summary>
    internal ProcessesSnapshot? Sample()
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = _lastTime == 0 ? 0 : Stopwatch.GetElapsedTime(_lastTime, now).TotalSeconds;
        if (_snapshot is not null && seconds < _took.TotalSeconds * PauseFactor)
        {
            return _snapshot;
        }

        var next = new Dictionary<int, (long Start, long Ticks)>(_last.Count);
        var uses = new List<ProcessUse>();
        foreach (string folder in Directory.EnumerateDirectories(procFs))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && TryRead(folder, out string name, out long start, out long ticks, out long pages))
            {
                next[id] = (start, ticks);

                // Another process may have the ID by now.
                long before = _last.TryGetValue(id, out (long Start, long Ticks) last) && last.Start == start ? last.Ticks : ticks;
                uses.Add(new ProcessUse(id, name, seconds > 0 ? (ticks - before) / TicksPerSecond / seconds : 0, (ulong)pages * (ulong)Environment.SystemPageSize));
            }
        }

        _snapshot = _lastTime == 0 ? null : new ProcessesSnapshot([.. uses.OrderByDescending(static use => use.CpuShare).ThenByDescending(static use => use.ResidentBytes).Take(Shown)]);
        (_last, _lastTime) = (next, now);
        _took = Stopwatch.GetElapsedTime(now);
        return _snapshot;
    }

    private static bool TryRead(string folder, out string name, out long start, out long ticks, out long pages)
    {
        (name, start, ticks, pages) = ("", 0, 0, 0);
        try
        {
            // The name is in parentheses and may contain any character, these too.
            string text = File.ReadAllText(folder + "/stat");
            int close = text.LastIndexOf(')');
            string[] fields = text[(close + 2)..].Split(' ');
            name = text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..close];
            start = Number(fields[StartTime]);
            ticks = Number(fields[UserTime]) + Number(fields[SystemTime]);
            pages = Number(fields[ResidentPages]);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return false;
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
