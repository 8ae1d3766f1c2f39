namespace Hypermesh.Bpf;

/// <summary>A reader that waits: how it is woken, and how to find out whether there is something for it to read.</summary>
/// <param name="Signal">Wakes it.</param>
/// <param name="HasMore">True when something lies there.</param>
internal readonly record struct EventWatch(AsyncSignal Signal, Func<bool> HasMore)
{
    /// <summary>
    /// Wakes the reader if there is something to read. The kernel does not tell of every record: one that was sent with BPF_RB_NO_WAKEUP keeps all later ones quiet, since only the record
    /// at the reader's place makes it wake anybody.
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
            // It is being closed, which wakes the reader.
        }
    }
}
