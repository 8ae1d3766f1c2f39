using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>The time this thread had a processor: other processes' turns are not in it.</summary>
internal static unsafe partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    internal static TimeSpan Read()
    {
        long* time = stackalloc long[2];
        return GetTime(ThreadProcessorTime, time) == 0
            ? new TimeSpan((time[0] * TimeSpan.TicksPerSecond) + (time[1] / TimeSpan.NanosecondsPerTick))
            : throw new InvalidOperationException("This thread has no clock.");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, long* time);
}
