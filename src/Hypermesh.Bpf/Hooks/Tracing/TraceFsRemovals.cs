namespace Hypermesh.Bpf;

/// <summary>
/// Events of the tracing file system that could not be removed when their link ended, most often because another process listens to them (EBUSY). The removal is
/// retried after a delay, when another probe is made, and when the process ends.
/// </summary>
internal static class TraceFsRemovals
{
    private const int FirstDelay = 100;
    private const int LongestDelay = 60_000;

    private static readonly Lock s_gate = new();
    private static readonly List<TraceFsEvent> s_waiting = [];
    private static Timer? s_timer;
    private static int s_delay;

    /// <summary>The number of events that wait to be removed.</summary>
    internal static int Count
    {
        get
        {
            lock (s_gate)
            {
                return s_waiting.Count;
            }
        }
    }

    internal static void Add(TraceFsEvent @event)
    {
        lock (s_gate)
        {
            if (s_timer is null)
            {
                s_timer = new Timer(static _ => RetryAndWait());
                AppDomain.CurrentDomain.ProcessExit += static (_, _) => Retry();
            }

            s_waiting.Add(@event);
            s_delay = FirstDelay;
            s_timer.Change(s_delay, Timeout.Infinite);
        }
    }

    /// <summary>Retries all removals.</summary>
    internal static void Retry()
    {
        lock (s_gate)
        {
            s_waiting.RemoveAll(static @event => @event.TryRemoveLater());
        }
    }

    private static void RetryAndWait()
    {
        lock (s_gate)
        {
            Retry();
            if (s_waiting.Count > 0)
            {
                s_delay = Math.Min(s_delay * 2, LongestDelay);
                s_timer!.Change(s_delay, Timeout.Infinite);
            }
        }
    }
}
