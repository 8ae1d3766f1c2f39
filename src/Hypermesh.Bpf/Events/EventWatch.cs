using System.Threading.Tasks.Sources;

namespace Hypermesh.Bpf.Events;

/// <summary>A waiting reader: how to wake it, and how to find out whether it has something to read.</summary>
/// <param name="Signal">Wakes it.</param>
/// <param name="HasMore">True when there is something to read.</param>
internal readonly record struct EventWatch(AsyncSignal Signal, Func<bool> HasMore)
{
    /// <summary>
    /// Wakes the reader if there is something to read. The kernel does not report every record: after one that was sent with BPF_RB_NO_WAKEUP it reports none, since only the record at the
    /// reader's position causes a wakeup.
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

/// <summary>A signal that one reader waits for repeatedly without allocating. It stays set until it is waited for. Continuations run on the pool, never on the pump's thread.</summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Waiting = 2;

    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    internal void Set()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Signalled:
                    return;
                case Idle when Interlocked.CompareExchange(ref _state, Signalled, Idle) == Idle:
                    return;
                case Waiting when Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting:
                    _core.SetResult(true);
                    return;
            }
        }
    }

    internal ValueTask WaitAsync()
    {
        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
        {
            return new ValueTask(this, _core.Version);
        }

        // A full barrier: what the waiter reads next must not be older than this, or a wake that found the signal still set would be lost.
        Interlocked.Exchange(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);
}
