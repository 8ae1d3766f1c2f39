using System.Diagnostics;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Takes the events that a monitor has written so far.</summary>
internal static class Draining
{
    // A reader that is not woken looks at its ring about five times a second.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(Emulation.IsEmulated ? 1500 : 400);

    /// <summary>Reads until the ring is empty and no event has come for a while.</summary>
    /// <param name="readAll">The monitor's ReadAllAsync.</param>
    /// <param name="available">How many bytes are in its ring.</param>
    internal static List<T> Take<T>(Func<CancellationToken, IAsyncEnumerable<T>> readAll, Func<ulong> available)
    {
        var events = new List<T>();
        using var end = new CancellationTokenSource();
        long last = Stopwatch.GetTimestamp();
        Task reader = Task.Run(async () =>
        {
            try
            {
                await foreach (T one in readAll(end.Token).ConfigureAwait(false))
                {
                    events.Add(one);
                    Volatile.Write(ref last, Stopwatch.GetTimestamp());
                }
            }
            catch (OperationCanceledException)
            {
                // All were read.
            }
        });
        while (!reader.IsCompleted && (available() > 0 || Stopwatch.GetElapsedTime(Volatile.Read(ref last)) < s_quiet))
        {
            Thread.Sleep(20);
        }

        end.Cancel();
        reader.Wait();
        return events;
    }
}
