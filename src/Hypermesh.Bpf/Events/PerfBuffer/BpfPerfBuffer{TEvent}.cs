using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf;

/// <summary>The buffers of a <see cref="BpfPerfEventArray{TEvent}"/>, one a CPU, read as one. One reader at a time. Records of one CPU come in order; those of several do not.</summary>
/// <typeparam name="TEvent">The record's type, laid out as the C has it.</typeparam>
public sealed class BpfPerfBuffer<TEvent> : IDisposable
    where TEvent : unmanaged
{
    private readonly BpfPerfBuffer _buffer;
    private readonly BpfMapDescriptor _map;
    private readonly BpfEventSize<TEvent>? _sizeOf;
    private readonly BpfPerfRecordHandler _take;
    private BpfPerfRecordHandler<TEvent>? _handler;

    internal BpfPerfBuffer(BpfPerfBuffer buffer, BpfMapDescriptor map, BpfEventSize<TEvent>? sizeOf)
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

    /// <summary>Passes the available records to the handler, in place and without allocating, and returns at once. Of each CPU it reads what is available when its turn comes.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="BpfException">The buffers are being read already, or a record is shorter than the type.</exception>
    /// <exception cref="ObjectDisposedException">The buffers or their object are disposed.</exception>
    public int Consume(BpfPerfRecordHandler<TEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (Interlocked.CompareExchange(ref _handler, handler, null) is not null)
        {
            throw new BpfException($"The buffers of map {_map.Name} are being read already: they have one reader at a time, since each record is given out once.", _map.ObjectName, _map.Name);
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

    /// <summary>Reads on and on, a copy of each record at a time; waits without a thread of its own. Ends when the buffers or their object are disposed.</summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet given out stay.</param>
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
