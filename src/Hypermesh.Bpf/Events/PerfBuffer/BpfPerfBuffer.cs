using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf;

/// <summary>The buffers of a <see cref="BpfPerfEventArray"/>, one a CPU, read as one. One reader at a time. Records of one CPU come in order; those of several do not.</summary>
public sealed class BpfPerfBuffer : IDisposable
{
    private const uint PauseOutput = 0x40042409;

    private readonly BpfPerfEventArray _map;
    private readonly PerfRing[] _rings;
    private readonly AsyncSignal _signal = new();
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _registrations = [];
    private ulong _lost;
    private int _claimed;
    private bool _closed;

    private BpfPerfBuffer(BpfPerfEventArray map, PerfRing[] rings)
    {
        _map = map;
        _rings = rings;
    }

    /// <summary>How many CPUs have a buffer: those that were online.</summary>
    public int CpuCount => _rings.Length;

    /// <summary>How many records found their CPU's buffer full, as far as has been read: the kernel says so with the first record that finds room again.</summary>
    public ulong Lost => Volatile.Read(ref _lost);

    /// <summary>Passes the available records to the handler, in place and without allocating, and returns at once. Of each CPU it reads what is available when its turn comes.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="BpfException">The buffers are being read already.</exception>
    /// <exception cref="ObjectDisposedException">The buffers or their object are disposed.</exception>
    public int Consume(BpfPerfRecordHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Claim();
        try
        {
            var sink = new Sink(handler);
            int taken = 0;
            foreach (PerfRing ring in _rings)
            {
                taken += ring.Consume(ref sink, int.MaxValue, ref _lost);
            }

            return taken;
        }
        finally
        {
            Volatile.Write(ref _claimed, 0);
        }
    }

    /// <summary>Reads on and on, a copy of each record at a time; waits without a thread of its own. Ends when the buffers or their object are disposed.</summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet given out stay.</param>
    /// <exception cref="BpfException">The buffers are being read already.</exception>
    public async IAsyncEnumerable<BpfPerfRecord> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Claim();
        try
        {
            Watch();
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _signal);
            var copy = default(Copy);
            while (!Volatile.Read(ref _closed))
            {
                bool any = false;
                foreach (PerfRing ring in _rings)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (TryRead(ring, ref copy))
                    {
                        any = true;
                        yield return new BpfPerfRecord(ring.Cpu, copy.Record);
                    }
                }

                if (!any)
                {
                    await _signal.WaitAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            try
            {
                Unwatch();
            }
            finally
            {
                Volatile.Write(ref _claimed, 0);
            }
        }
    }

    /// <summary>Has programs drop their records (counted as an error of their helper, not as lost) until <see cref="Resume"/> (4.7).</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public void Pause() => Control(1);

    /// <summary>Has programs write records again.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public void Resume() => Control(0);

    /// <summary>Ends reading and gives the buffers back; what programs send afterwards goes nowhere.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _closed, true);
        var teardown = default(Teardown);
        teardown.Do(this, static buffer => buffer.Unwatch());
        _signal.Set();
        foreach (PerfRing ring in _rings)
        {
            teardown.End(ring);
        }

        _map.Descriptor.RemoveDependent(this);
        teardown.Report();
    }

    internal static BpfPerfBuffer Open(BpfPerfEventArray map, BpfPerfBufferOptions options)
    {
        var buffer = new BpfPerfBuffer(map, PerfRings.Open(map, options));
        try
        {
            map.Descriptor.AddDependent(buffer);
            return buffer;
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, buffer);
            throw;
        }
    }

    private void Claim()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
        if (Interlocked.Exchange(ref _claimed, 1) != 0)
        {
            throw new BpfException(
                $"The buffers of map {_map.Name} are being read already: they have one reader at a time, since each record is given out once.",
                _map.Descriptor.ObjectName, _map.Name);
        }
    }

    private bool TryRead(PerfRing ring, ref Copy copy)
    {
        try
        {
            return ring.Consume(ref copy, limit: 1, ref _lost) == 1;
        }
        catch (ObjectDisposedException) when (Volatile.Read(ref _closed))
        {
            return false;
        }
    }

    private void Watch()
    {
        lock (_gate)
        {
            foreach (PerfRing ring in _rings)
            {
                if (!_closed)
                {
                    _registrations.Add(EventPump.Of(_map.Descriptor.Kernel).Register(ring.Descriptor, new EventWatch(_signal, () => ring.HasMore), _map.Name));
                }
            }
        }
    }

    private void Unwatch()
    {
        lock (_gate)
        {
            var teardown = default(Teardown);
            foreach (IDisposable registration in _registrations)
            {
                teardown.End(registration);
            }

            _registrations.Clear();
            teardown.Report();
        }
    }

    private void Control(nint argument)
    {
        foreach (PerfRing ring in _rings)
        {
            PerfRings.Control(_map, ring.Descriptor, PauseOutput, argument, ring.Cpu);
        }
    }

    private readonly struct Sink(BpfPerfRecordHandler handler) : IPerfSink
    {
        public void Take(int cpu, ReadOnlySpan<byte> record) => handler(cpu, record);
    }

    private struct Copy : IPerfSink
    {
        public byte[] Record { get; private set; }

        public void Take(int cpu, ReadOnlySpan<byte> record) => Record = record.ToArray();
    }
}
