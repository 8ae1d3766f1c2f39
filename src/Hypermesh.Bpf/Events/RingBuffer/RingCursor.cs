using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Events.RingBuffer;

/// <summary>
/// A reader's position in a ring, for records that are taken one at a time. It holds both mappings until it is disposed, even if the ring is closed meanwhile, and frees space for the
/// producer in parts.
/// </summary>
internal sealed unsafe class RingCursor : IDisposable
{
    private readonly BpfMapHandle _map;
    private readonly HeldHandle _consumerHeld;
    private readonly HeldHandle _producerHeld;
    private readonly ulong* _consumer;
    private readonly ulong* _producer;
    private readonly byte* _data;
    private readonly ulong _mask;
    private readonly ulong _lag;

    // The position of this reader, of the producer as last seen, and the reader's position as last published.
    private ulong _position;
    private ulong _end;
    private ulong _given;
    private int _disposed;

    internal RingCursor(BpfMapHandle map, MappingHandle consumer, MappingHandle producer, ulong lag)
    {
        _map = map;
        _mask = map.MaxEntries - 1;
        _lag = lag;
        _consumerHeld = new HeldHandle(consumer);
        try
        {
            _producerHeld = new HeldHandle(producer);
        }
        catch
        {
            _consumerHeld.Dispose();
            throw;
        }

        _consumer = (ulong*)consumer.DangerousGetHandle();
        _producer = (ulong*)producer.DangerousGetHandle();
        _data = (byte*)_producer + Environment.SystemPageSize;
        _position = _end = _given = *_consumer;
    }

    // An enumerator that is dropped without being disposed would keep the map in the kernel.
    ~RingCursor() => Close();

    /// <summary>Takes the next complete record, if there is one. It counts as read even if the sink throws.</summary>
    /// <returns>False when there is none: the reader's position is then published, so the producer wakes it for the next one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal bool TryTake<TSink>(ref TSink sink)
        where TSink : struct, IRecordSink
    {
        while (true)
        {
            if (_position == _end && !LookAgain())
            {
                return false;
            }

            byte* header = _data + (_position & _mask);
            uint word = Volatile.Read(ref *(uint*)header);
            if ((word & RingReader.Busy) != 0 && ((word = LookAgain(header)) & RingReader.Busy) != 0)
            {
                return false;
            }

            _position += ((ulong)(word & ~RingReader.Discarded) + RingReader.HeaderSize + 7) & ~7ul;
            bool isRecord = (word & RingReader.Discarded) == 0;
            if (isRecord)
            {
                sink.Take(_map, MemoryMarshal.CreateReadOnlySpan(ref header[RingReader.HeaderSize], (int)word));
            }

            // Only now, because the producer may overwrite freed space.
            if (_position - _given >= _lag)
            {
                Give();
            }

            if (isRecord)
            {
                GC.KeepAlive(this);
                return true;
            }
        }
    }

    public void Dispose()
    {
        if (Volatile.Read(ref _disposed) == 0)
        {
            Give();
        }

        Close();
        GC.SuppressFinalize(this);
    }

    // The producer wakes a reader only for the record at the published position. Between publishing and reading the other side's position there is a full barrier, on
    // both sides: either the record is seen here, or the producer sees the position.
    private bool LookAgain()
    {
        Give();
        Interlocked.MemoryBarrier();
        _end = Volatile.Read(ref *_producer);
        return _position != _end;
    }

    private uint LookAgain(byte* header)
    {
        Give();
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref *(uint*)header);
    }

    private void Give()
    {
        if (_given != _position)
        {
            Volatile.Write(ref *_consumer, _position);
            _given = _position;
        }
    }

    private void Close()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _consumerHeld?.Dispose();
            _producerHeld?.Dispose();
        }
    }
}
