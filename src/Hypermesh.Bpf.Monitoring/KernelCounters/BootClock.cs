using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>CLOCK_BOOTTIME: nanoseconds since boot, sleep included.</summary>
internal static unsafe partial class BootClock
{
    private const int Boottime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    internal static long Now
    {
        get
        {
            TimeSpec time;
            return GetTime(Boottime, &time) == 0
                ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds
                : throw new BpfException("clock_gettime failed for CLOCK_BOOTTIME, the clock of the readings.");
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, TimeSpec* time);

    private struct TimeSpec
    {
        internal nint Seconds;
        internal nint Nanoseconds;
    }
}
