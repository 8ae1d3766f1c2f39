using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Events;
using Hypermesh.Bpf.Events.PerfBuffer;
using Hypermesh.Bpf.Events.RingBuffer;

namespace Hypermesh.Bpf;

/// <summary>The buffers of a <see cref="BpfPerfEventArray"/>, one for each CPU, read as one. One reader at a time. Records of one CPU are in order; records of several CPUs are not.</summary>
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

    /// <summary>The number of CPUs that have a buffer: those that were online.</summary>
    public int CpuCount => _rings.Length;

    /// <summary>The number of records lost because their CPU's buffer was full, as far as has been read: the kernel reports it with the first record that finds room again.</summary>
    public ulong Lost => Volatile.Read(ref _lost);

    /// <summary>Passes the available records to the handler, in place and without allocating, and returns at once. For each CPU it reads what is available when the CPU's turn comes.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <returns>The number of records passed.</returns>
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

    /// <summary>Reads records continuously, a copy of one at a time, and waits without a thread of its own. Ends when the buffers or their object are disposed.</summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet returned stay in the buffers.</param>
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

    /// <summary>Makes programs drop their records (counted as an error of their helper, not as lost) until <see cref="Resume"/> (4.7).</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Pause() => Control(1);

    /// <summary>Lets programs write records again.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Resume() => Control(0);

    /// <summary>Stops reading and frees the buffers; records that programs send afterwards are dropped.</summary>
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

        _map.MapHandle.RemoveDependent(this);
        teardown.Report();
    }

    internal static BpfPerfBuffer Open(BpfPerfEventArray map, BpfPerfBufferOptions options)
    {
        var buffer = new BpfPerfBuffer(map, PerfRings.Open(map, options));
        try
        {
            map.MapHandle.AddDependent(buffer);
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
                $"The buffers of map {_map.Name} are being read already: they have one reader at a time, because each record is returned once. End the other reader first.",
                _map.MapHandle.ObjectName, _map.Name);
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
                    _registrations.Add(EventPump.Of(_map.MapHandle.Kernel).Register(ring.Descriptor, new EventWatch(_signal, () => ring.HasMore), _map.Name));
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

/// <summary>The buffers of a <see cref="BpfPerfEventArray{TEvent}"/>, one for each CPU, read as one. One reader at a time. Records of one CPU are in order; records of several CPUs are not.</summary>
/// <typeparam name="TEvent">The record's type, with the layout it has in the C.</typeparam>
public sealed class BpfPerfBuffer<TEvent> : IDisposable
    where TEvent : unmanaged
{
    private readonly BpfPerfBuffer _buffer;
    private readonly BpfMapHandle _map;
    private readonly BpfEventSize<TEvent>? _sizeOf;
    private readonly BpfPerfRecordHandler _take;
    private BpfPerfRecordHandler<TEvent>? _handler;

    internal BpfPerfBuffer(BpfPerfBuffer buffer, BpfMapHandle map, BpfEventSize<TEvent>? sizeOf)
    {
        _buffer = buffer;
        _map = map;
        _sizeOf = sizeOf;
        _take = Take;
    }

    /// <inheritdoc cref="BpfPerfBuffer.CpuCount"/>
    public int CpuCount => _buffer.CpuCount;

    /// <inheritdoc cref="BpfPerfBuffer.Lost"/>
    public ulong Lost => _buffer.Lost;

    /// <summary>Passes the available records to the handler, in place and without allocating, and returns at once. For each CPU it reads what is available when the CPU's turn comes.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <returns>The number of records passed.</returns>
    /// <exception cref="BpfException">The buffers are being read already, or a record is shorter than the type.</exception>
    /// <exception cref="ObjectDisposedException">The buffers or their object are disposed.</exception>
    public int Consume(BpfPerfRecordHandler<TEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (Interlocked.CompareExchange(ref _handler, handler, null) is not null)
        {
            throw new BpfException($"The buffers of map {_map.Name} are being read already: they have one reader at a time, because each record is returned once. End the other reader first.", _map.ObjectName, _map.Name);
        }

        try
        {
            return _buffer.Consume(_take);
        }
        finally
        {
            Volatile.Write(ref _handler, null);
        }
    }

    /// <summary>Reads records continuously, a copy of one at a time, and waits without a thread of its own. Ends when the buffers or their object are disposed.</summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet returned stay in the buffers.</param>
    /// <exception cref="BpfException">The buffers are being read already, or a record is shorter than the type.</exception>
    public async IAsyncEnumerable<BpfPerfRecord<TEvent>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (BpfPerfRecord record in _buffer.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return new BpfPerfRecord<TEvent>(record.Cpu, Copy(record.Data));
        }
    }

    /// <inheritdoc cref="BpfPerfBuffer.Pause"/>
    public void Pause() => _buffer.Pause();

    /// <inheritdoc cref="BpfPerfBuffer.Resume"/>
    public void Resume() => _buffer.Resume();

    /// <inheritdoc cref="BpfPerfBuffer.Dispose"/>
    public void Dispose() => _buffer.Dispose();

    private TEvent Copy(ReadOnlySpan<byte> record)
    {
        Unsafe.SkipInit(out TEvent room);
        return RecordReading.As(_map, record, _sizeOf, ref room);
    }

    private void Take(int cpu, ReadOnlySpan<byte> record)
    {
        Unsafe.SkipInit(out TEvent room);
        _handler!(cpu, in RecordReading.As(_map, record, _sizeOf, ref room));
    }
}

/// <summary>Options of a <see cref="BpfPerfBuffer"/>.</summary>
public sealed class BpfPerfBufferOptions
{
    private const int UsualPages = 64;

    /// <summary>Memory pages of each CPU's buffer: a power of two.</summary>
    public int PagesPerCpu { get; init; } = UsualPages;

    /// <summary>The number of records a CPU writes before a waiting reader is woken; 1 wakes it for each. Fewer records are read after about 200 ms.</summary>
    public int WakeupRecords { get; init; } = 1;

    /// <summary>The number of bytes a CPU writes before a waiting reader is woken; 0 to count records instead. Fewer bytes are read after about 200 ms.</summary>
    public int WakeupBytes { get; init; }
}

/// <summary>A copy of a record of a <see cref="BpfPerfBuffer"/>.</summary>
/// <param name="Cpu">The CPU the program ran on.</param>
/// <param name="Data">The record's bytes; the kernel may have padded them with up to 7 zeros.</param>
public readonly record struct BpfPerfRecord(int Cpu, byte[] Data);

/// <summary>A copy of a record of a <see cref="BpfPerfBuffer{TEvent}"/>.</summary>
/// <typeparam name="TEvent">The record's type, with the layout it has in the C.</typeparam>
/// <param name="Cpu">The CPU the program ran on.</param>
/// <param name="Event">The record.</param>
public readonly record struct BpfPerfRecord<TEvent>(int Cpu, TEvent Event)
    where TEvent : unmanaged;

/// <summary>Handles a record in place, in a CPU's buffer. The record is valid only during the call; the buffer is blocked meanwhile, so return quickly.</summary>
/// <param name="cpu">The CPU the program ran on.</param>
/// <param name="record">The record's bytes; the kernel may have padded them with up to 7 zeros.</param>
public delegate void BpfPerfRecordHandler(int cpu, ReadOnlySpan<byte> record);

/// <summary>Handles a record in place, in a CPU's buffer. The record is valid only during the call; the buffer is blocked meanwhile, so return quickly.</summary>
/// <typeparam name="TEvent">The record's type, with the layout it has in the C.</typeparam>
/// <param name="cpu">The CPU the program ran on.</param>
/// <param name="record">The record.</param>
public delegate void BpfPerfRecordHandler<TEvent>(int cpu, ref readonly TEvent record)
    where TEvent : unmanaged;
