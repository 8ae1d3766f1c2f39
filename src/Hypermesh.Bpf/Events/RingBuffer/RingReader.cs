using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Events.RingBuffer;

/// <summary>
/// The one reader of a ring buffer: the consumer's page (writable), the producer's page and the data (read-only; mapped twice in a row, so that a
/// record is always in one piece).
/// </summary>
internal sealed unsafe class RingReader : IDisposable
{
    internal const uint Busy = 1u << 31;
    internal const uint Discarded = 1u << 30;
    internal const int HeaderSize = 8;

    // Space is freed in parts: a store for each record would cost both sides the cache line.
    private const ulong LargestLag = 16 * 1024;

    // Prefetch distance. The processor's own prefetching stops at each page, and a full ring does not fit its nearest caches.
    private const ulong Ahead = 2048;

    // About half a microsecond. Checking again at once takes the cache lines from the producers that write to them: they then write at a third of the speed.
    private const int Pause = 15;

    private readonly BpfMapHandle _map;
    private readonly MappingHandle _consumer;
    private readonly MappingHandle _producer;
    private readonly ulong _mask;
    private readonly AsyncSignal _signal = new();
    private readonly Lock _gate = new();
    private IDisposable? _registration;
    private int _claimed;
    private bool _closed;

    private RingReader(BpfMapHandle map, MappingHandle consumer, MappingHandle producer)
    {
        _map = map;
        _consumer = consumer;
        _producer = producer;
        _mask = map.MaxEntries - 1;
    }

    internal bool IsClosed => Volatile.Read(ref _closed);

    internal AsyncSignal Signal => _signal;

    /// <summary>True when the producer is ahead of the reader: there is a record, possibly one that is still being written.</summary>
    internal bool HasMore => Positions.Available > 0;

    private ulong Lag => Math.Min((_mask + 1) / 16, LargestLag);

    private static int PageSize => Environment.SystemPageSize;

    internal BpfRingPositions Positions
    {
        get
        {
            using MappingUse consumer = _consumer.Use();
            using MappingUse producer = _producer.Use();

            // The reader's position first: it never passes the writers' position, even if that is read later.
            ulong read = Volatile.Read(ref *(ulong*)consumer.Address);
            return new BpfRingPositions(read, Volatile.Read(ref *(ulong*)producer.Address));
        }
    }

    /// <summary>The one reader of a ring buffer in this process, created at first use.</summary>
    internal static RingReader Of(BpfMapHandle map) => map.Share(Open);

    private static RingReader Open(BpfMapHandle map)
    {
        using HandleUse use = map.Use();
        MappingHandle consumer = Map(map, (nuint)PageSize, MemoryProtection.Read | MemoryProtection.Write, use.Descriptor, 0);
        try
        {
            MappingHandle producer = Map(map, (nuint)(PageSize + (2L * map.MaxEntries)), MemoryProtection.Read, use.Descriptor, PageSize);
            return new RingReader(map, consumer, producer);
        }
        catch
        {
            consumer.Dispose();
            throw;
        }
    }

    /// <summary>Makes the caller the reader until <see cref="Release"/>; throws if there is one.</summary>
    internal void Claim()
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(BpfRingBuffer));
        if (Interlocked.Exchange(ref _claimed, 1) != 0)
        {
            throw new BpfException(
                $"Ring buffer {_map.Name} is being read already: a ring has one reader at a time, because each record is returned once. End the other reader first.", _map.ObjectName, _map.Name);
        }
    }

    /// <summary>Opens a cursor that reads one record at a time. The caller has claimed the ring.</summary>
    /// <remarks>In a ring whose oldest records are overwritten, the kernel uses the reader's position, so it is written after each record.</remarks>
    internal RingCursor OpenCursor() => new(_map, _consumer, _producer, _map.Flags.HasFlag(BpfMapFlags.Overwrite) ? 0 : Lag);

    internal void Release() => Volatile.Write(ref _claimed, 0);

    /// <summary>Starts setting <see cref="Signal"/> when records arrive, until <see cref="Unwatch"/> or the end of the ring.</summary>
    internal void Watch()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _registration = EventPump.Of(_map.Kernel).Register(_map.Created, new EventWatch(_signal, () => HasMore), _map.Name);
            }
        }
    }

    internal void Unwatch()
    {
        lock (_gate)
        {
            _registration?.Dispose();
            _registration = null;
        }
    }

    /// <summary>
    /// Passes at most <paramref name="limit"/> of the records that are available at the time of the call to the sink, in place. The caller has claimed the ring. A record counts as read
    /// once the sink has received it, even if the sink throws.
    /// </summary>
    internal int Consume<TSink>(ref TSink sink, int limit)
        where TSink : struct, IRecordSink, allows ref struct
    {
        using MappingUse consumerUse = _consumer.Use();
        using MappingUse producerUse = _producer.Use();
        ulong* consumer = (ulong*)consumerUse.Address;
        ulong* producer = (ulong*)producerUse.Address;
        byte* data = producerUse.Address + PageSize;
        ulong position = *consumer;
        int taken = 0;

        // Only up to the producer's current position: a sink that causes records would otherwise receive its own without end.
        ulong end = Volatile.Read(ref *producer);

        // Until a full barrier follows the store of the position, the producer may see an old one and wake nobody. So before stopping there is a barrier and another check of a record that
        // was still being written.
        ulong fenced = position;
        try
        {
            while (true)
            {
                taken += Walk(ref sink, data, end, consumer, ref position, limit - taken);
                if (position == fenced || taken == limit)
                {
                    return taken;
                }

                Volatile.Write(ref *consumer, position);
                Thread.SpinWait(Pause);
                Interlocked.MemoryBarrier();
                fenced = position;
                if (position == end)
                {
                    return taken;
                }
            }
        }
        finally
        {
            // Only if the position changed: a reader that polls would otherwise take the cache line from the producers each time.
            if (position != fenced)
            {
                Volatile.Write(ref *consumer, position);
            }
        }
    }

    // Reads to the end, to a record that is still being written, or to the limit. The position is updated at each record, since a sink may throw.
    // Fully optimised from the start: tiering would need a hundred reads of a full ring to get here, and would not do better.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Walk<TSink>(ref TSink sink, byte* data, ulong end, ulong* consumer, ref ulong place, int limit)
        where TSink : struct, IRecordSink, allows ref struct
    {
        TSink taker = sink;
        BpfMapHandle map = _map;
        ulong mask = _mask;
        ulong lag = Lag;
        ulong position = place;
        ulong give = position + lag;
        int left = limit;
        while (position != end && left > 0)
        {
            byte* header = data + (position & mask);
            if (Sse.IsSupported && end - position > Ahead)
            {
                Sse.Prefetch0(header + Ahead);
            }

            uint word = Volatile.Read(ref *(uint*)header);
            if ((word & (Busy | Discarded)) == 0)
            {
                position += ((ulong)word + HeaderSize + 7) & ~7ul;
                place = position;
                left--;
                taker.Take(map, MemoryMarshal.CreateReadOnlySpan(ref header[HeaderSize], (int)word));
            }
            else if ((word & Busy) == 0)
            {
                position += ((ulong)(word & ~Discarded) + HeaderSize + 7) & ~7ul;
                place = position;
            }
            else
            {
                break;
            }

            if (position >= give)
            {
                Volatile.Write(ref *consumer, position);
                give = position + lag;
            }
        }

        sink = taker;
        return limit - left;
    }

    public void Dispose()
    {
        Volatile.Write(ref _closed, true);
        var teardown = default(Teardown);
        teardown.Do(this, static reader => reader.Unwatch());
        _signal.Set();
        teardown.End(_consumer);
        teardown.End(_producer);
        teardown.Report();
    }

    private static MappingHandle Map(BpfMapHandle map, nuint length, MemoryProtection protection, int descriptor, long offset)
        => MappingHandle.TryMap(map.Kernel, length, protection, MemoryMapping.Shared, descriptor, offset, out long result)?.Named(BpfMapHandle.SubjectOf(map.Name, map.ObjectName))
            ?? throw KernelErrors.Of(map.Kernel, "mmap", result, $"Mapping ring buffer {map.Name}", Capabilities.None, map.ObjectName, map.Name);
}

/// <summary>Receives records in place, in the ring. Implemented by structs, so that reading allocates nothing.</summary>
internal interface IRecordSink
{
    void Take(BpfMapHandle ring, ReadOnlySpan<byte> record);
}
