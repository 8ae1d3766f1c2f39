using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Events.RingBuffer;

/// <summary>
/// A reader's place in a ring, for records that are taken one at a time. It holds both mappings until it is disposed, also where the ring is closed meanwhile, and gives room back to the
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

    // Of this reader, of the producer as last seen, and what the producer was told last.
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

    // Someone who drops the enumerator without disposing it would keep the map in the kernel.
    ~RingCursor() => Close();

    /// <summary>Takes the next record, if there is one that is whole. It counts as read even if the sink threw.</summary>
    /// <returns>False when there is none: the producer knows then how far this reader is, so it wakes it for the next one.</returns>
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

            // Only now: the producer may write over what it was given back.
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

    // The producer wakes a reader only for the record at the position it was told. Between that store and the look at what the producer has done there is a full barrier, on
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
