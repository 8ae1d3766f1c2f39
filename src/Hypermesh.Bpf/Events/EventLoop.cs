using System.Collections.Concurrent;
using System.Diagnostics;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Events;

/// <summary>One epoll, the thread that waits in it, and an event descriptor that ends it.</summary>
internal sealed class EventLoop
{
    private const ulong StopKey = 0;
    private const int ReadyAtOnce = 32;
    private const int PauseAfterFailureMs = 10;

    // The longest time that a record waits if the kernel does not report it.
    private const int LookAgainMs = 200;

    private readonly IKernel _kernel;
    private readonly BpfHandle _epoll;
    private readonly BpfHandle _stop;
    private readonly Thread _thread;
    private readonly ConcurrentDictionary<ulong, (BpfHandle Handle, EventWatch Watch)> _registered = new();

    // The same watches as an array, since walking the dictionary allocates. Replaced as a whole, by one thread at a time.
    private volatile EventWatch[] _watches = [];
    private ulong _lastKey = StopKey;
    private volatile bool _stopping;

    private EventLoop(IKernel kernel, BpfHandle epoll, BpfHandle stop)
    {
        _kernel = kernel;
        _epoll = epoll;
        _stop = stop;
        _thread = new Thread(Run) { IsBackground = true, Name = "BPF events" };
    }

    internal bool IsIdle => _registered.IsEmpty;

    internal static EventLoop Start(IKernel kernel)
    {
        BpfHandle epoll = Open(kernel, kernel.EpollCreate(), "epoll_create1");
        BpfHandle? stop = null;
        try
        {
            stop = Open(kernel, kernel.EventDescriptor(), "eventfd");
            var loop = new EventLoop(kernel, epoll, stop);
            loop.Control(EpollOperation.Add, stop, EpollEvents.Readable, StopKey, "the stop event");
            loop._thread.Start();
            return loop;
        }
        catch
        {
            stop?.Dispose();
            epoll.Dispose();
            throw;
        }
    }

    internal ulong Add(BpfHandle handle, EventWatch watch, string name)
    {
        // While epoll knows the descriptor, the reference keeps its number from being reused for another file.
        bool added = false;
        handle.DangerousAddRef(ref added);
        ulong key = ++_lastKey;
        _registered[key] = (handle, watch);
        try
        {
            // Edge triggered: one wake for each record committed at the reader's position. With the reader's barrier, that is enough.
            Control(EpollOperation.Add, handle, EpollEvents.Readable | EpollEvents.EdgeTriggered, key, $"ring buffer {name}");
        }
        catch
        {
            _registered.TryRemove(key, out _);
            handle.DangerousRelease();
            throw;
        }

        _watches = [.. _registered.Values.Select(static entry => entry.Watch)];
        return key;
    }

    internal void Remove(ulong key)
    {
        if (_registered.TryRemove(key, out (BpfHandle Handle, EventWatch Watch) entry))
        {
            _kernel.EpollControl((int)_epoll.DangerousGetHandle(), EpollOperation.Remove, (int)entry.Handle.DangerousGetHandle(), EpollEvents.None, key);
            entry.Handle.DangerousRelease();
            _watches = [.. _registered.Values.Select(static entry => entry.Watch)];
        }
    }

    internal void Stop()
    {
        _stopping = true;
        ReadOnlySpan<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
        while (_kernel.Write((int)_stop.DangerousGetHandle(), one) == -Errno.EINTR)
        {
        }

        _thread.Join();
        var teardown = default(Teardown);
        teardown.End(_stop);
        teardown.End(_epoll);
        teardown.Report();
    }

    private static BpfHandle Open(IKernel kernel, long result, string operation)
        => result >= 0 ? new BpfHandle(kernel, result) : throw KernelErrors.Of(kernel, operation, result, "Starting the event loop");

    private void Control(EpollOperation operation, BpfHandle handle, EpollEvents events, ulong key, string name)
    {
        long result = _kernel.EpollControl((int)_epoll.DangerousGetHandle(), operation, (int)handle.DangerousGetHandle(), events, key);
        if (result < 0)
        {
            throw KernelErrors.Of(_kernel, "epoll_ctl", result, $"Watching {name}");
        }
    }

    private void Run()
    {
        Span<ulong> ready = stackalloc ulong[ReadyAtOnce];
        long lastLook = Stopwatch.GetTimestamp();
        while (!_stopping)
        {
            long count = _kernel.EpollWait((int)_epoll.DangerousGetHandle(), ready, LookAgainMs);
            if (count < 0 && count != -Errno.EINTR)
            {
                // The kernel no longer reports what is ready, so all readers check from time to time.
                Thread.Sleep(PauseAfterFailureMs);
                foreach (EventWatch watch in _watches)
                {
                    watch.Signal.Set();
                }
            }

            for (int i = 0; i < count; i++)
            {
                if (_registered.TryGetValue(ready[i], out (BpfHandle Handle, EventWatch Watch) entry))
                {
                    entry.Watch.Signal.Set();
                }
            }

            // By the clock, because events of other rings may keep the wait from timing out.
            if (Stopwatch.GetElapsedTime(lastLook).TotalMilliseconds >= LookAgainMs)
            {
                foreach (EventWatch watch in _watches)
                {
                    watch.LookAgain();
                }

                lastLook = Stopwatch.GetTimestamp();
            }
        }
    }
}
