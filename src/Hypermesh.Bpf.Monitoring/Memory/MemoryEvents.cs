namespace Hypermesh.Bpf.Monitoring;

/// <summary>Base class of events of memory.</summary>
/// <param name="TimeNs">When: CLOCK_BOOTTIME in nanoseconds.</param>
public abstract record MemoryEvent(long TimeNs);

/// <summary>A process that the OOM killer chose.</summary>
/// <param name="TimeNs">When: CLOCK_BOOTTIME in nanoseconds.</param>
/// <param name="ProcessId">The process; 0 on kernels whose tracepoint names only the thread.</param>
/// <param name="ThreadId">The thread.</param>
/// <param name="Name">Its name; null on kernels whose tracepoint names only the thread.</param>
/// <param name="CGroup">The path of its cgroup; null when it is not known. Where only the thread is named, the cgroup of the task that found no memory.</param>
/// <param name="AnonymousBytes">Its anonymous memory.</param>
/// <param name="FileBytes">Its memory that maps files.</param>
/// <param name="SharedBytes">Its shared memory.</param>
public sealed record OomVictim(long TimeNs, int ProcessId, int ThreadId, string? Name, string? CGroup, long AnonymousBytes, long FileBytes, long SharedBytes) : MemoryEvent(TimeNs);

/// <summary>The outcome of a warning.</summary>
public enum OomOutcome
{
    /// <summary>A kill came while the warning was open.</summary>
    Hit,

    /// <summary>The warning ended, and no kill came.</summary>
    False,

    /// <summary>A kill came without a warning.</summary>
    Missed,
}

/// <summary>A cgroup, or the machine, is about to reach its limit.</summary>
/// <param name="TimeNs">When the warning began: CLOCK_BOOTTIME in nanoseconds.</param>
/// <param name="CGroup">The path of the cgroup; <c>/</c> for the machine.</param>
/// <param name="Limited">The path of the cgroup whose limit binds first: itself, or one above it.</param>
/// <param name="UsedBytes">Its memory that cannot be reclaimed, with what is swapped out.</param>
/// <param name="RoomBytes">How much it can still grow.</param>
/// <param name="BytesPerSecond">Its growth.</param>
/// <param name="SecondsLeft">The time until then, at that growth.</param>
/// <param name="IsLearning">True while the cgroup has not yet shrunk once: the first cycle of a heap that is collected looks the same.</param>
public sealed record OomWarning(long TimeNs, string CGroup, string Limited, long UsedBytes, long RoomBytes, double BytesPerSecond, double SecondsLeft, bool IsLearning) : MemoryEvent(TimeNs);

/// <summary>A warning has ended, or there was a kill without one.</summary>
/// <param name="TimeNs">When: CLOCK_BOOTTIME in nanoseconds.</param>
/// <param name="CGroup">The path of the cgroup; <c>/</c> for the machine. For a kill without a warning, the victim's; null when it is not known.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Warning">The warning; null when there was none.</param>
public sealed record OomWarningEnded(long TimeNs, string? CGroup, OomOutcome Outcome, OomWarning? Warning) : MemoryEvent(TimeNs)
{
    /// <summary>The time between the warning and the kill; null unless <see cref="Outcome"/> is <see cref="OomOutcome.Hit"/>.</summary>
    public TimeSpan? LeadTime => Outcome == OomOutcome.Hit && Warning is not null ? TimeSpan.FromTicks((TimeNs - Warning.TimeNs) / TimeSpan.NanosecondsPerTick) : null;
}
