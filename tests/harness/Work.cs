using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tests.Harness;

/// <summary>
/// Measures the current thread from here on: processor time and allocated bytes. Tests with a time limit use this and not a clock, because the time on a clock depends
/// on what else the machine does.
/// </summary>
internal readonly struct Work
{
    private const int ThreadProcessorTime = 3;      // CLOCK_THREAD_CPUTIME_ID

    private readonly TimeSpan _time;
    private readonly long _bytes;

    private Work(TimeSpan time, long bytes)
    {
        _time = time;
        _bytes = bytes;
    }

    /// <summary>The processor time the thread has used since.</summary>
    internal TimeSpan Time => ProcessorTime() - _time;

    /// <summary>The bytes the thread has allocated since.</summary>
    internal long Bytes => GC.GetAllocatedBytesForCurrentThread() - _bytes;

    internal static Work Begin() => new(ProcessorTime(), GC.GetAllocatedBytesForCurrentThread());

    private static TimeSpan ProcessorTime()
        => clock_gettime(ThreadProcessorTime, out Moment now) == 0
            ? TimeSpan.FromSeconds(now.Seconds) + TimeSpan.FromTicks(now.Nanoseconds / TimeSpan.NanosecondsPerTick)
            : throw new InvalidOperationException($"the thread's processor time cannot be read: errno {Marshal.GetLastPInvokeError()}");

    [DllImport("libc", SetLastError = true)]
    private static extern int clock_gettime(int clock, out Moment now);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Moment
    {
        internal readonly long Seconds;
        internal readonly long Nanoseconds;
    }
}
