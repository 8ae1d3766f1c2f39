namespace Hypermesh.Bpf;

/// <summary>A waiting reader: how to wake it, and how to find out whether it has something to read.</summary>
/// <param name="Signal">Wakes it.</param>
/// <param name="HasMore">True when there is something to read.</param>
internal readonly record struct EventWatch(AsyncSignal Signal, Func<bool> HasMore)
{
    /// <summary>
    /// Wakes the reader if there is something to read. The kernel does not report every record: after one that was sent with BPF_RB_NO_WAKEUP it reports none, since only the record at the
    /// reader's position makes it wake anyone.
    /// </summary>
    internal void LookAgain()
    {
        try
        {
            if (HasMore())
            {
                Signal.Set();
            }
        }
        catch (ObjectDisposedException)
        {
            // The ring is being closed, which wakes the reader.
        }
    }
}
