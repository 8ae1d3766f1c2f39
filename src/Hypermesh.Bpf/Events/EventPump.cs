using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Events;

/// <summary>Wakes the readers of all rings of the process: one thread and one epoll while any ring is read, none otherwise.</summary>
internal sealed class EventPump
{
    private static readonly ConditionalWeakTable<IKernel, EventPump> s_pumps = [];

    private readonly IKernel _kernel;
    private readonly Lock _gate = new();
    private EventLoop? _loop;

    private EventPump(IKernel kernel) => _kernel = kernel;

    internal static EventPump Of(IKernel kernel) => s_pumps.GetValue(kernel, static k => new EventPump(k));

    /// <summary>Sets the watch's signal whenever the descriptor becomes readable, or has something to read that the kernel did not report, until the returned value is disposed.</summary>
    internal IDisposable Register(BpfHandle handle, EventWatch watch, string name)
    {
        lock (_gate)
        {
            _loop ??= EventLoop.Start(_kernel);
            try
            {
                return new Registration(this, _loop, _loop.Add(handle, watch, name));
            }
            catch (Exception reason)
            {
                var teardown = default(Teardown);
                teardown.Do(this, static pump => pump.StopIfIdle());
                teardown.AddTo(reason);
                throw;
            }
        }
    }

    private void Unregister(EventLoop loop, ulong key)
    {
        lock (_gate)
        {
            loop.Remove(key);
            StopIfIdle();
        }
    }

    private void StopIfIdle()
    {
        if (_loop is { IsIdle: true } idle)
        {
            _loop = null;
            idle.Stop();
        }
    }

    private sealed class Registration(EventPump pump, EventLoop loop, ulong key) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                pump.Unregister(loop, key);
            }
        }
    }
}
