using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Events.RingBuffer;

namespace Hypermesh.Bpf;

/// <summary>A ring buffer (<c>BPF_MAP_TYPE_RINGBUF</c>, 5.8) read as bytes. One reader at a time. When it is full, programs drop records, or overwrite the oldest (<see cref="IsOverwriting"/>).</summary>
public class BpfRingBuffer : BpfMap
{
    /// <summary>Creates a view of a ring buffer.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfRingBuffer(BpfMapHandle handle)
        : base(handle, [BpfMapType.RingBuf])
    {
    }

    /// <summary>Passes the records that are available at the time of the call to the handler, in place and without allocating, and returns at once. Records sent meanwhile are left for the next call.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <returns>The number of records passed.</returns>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public int Consume(BpfRecordHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return RecordReading.Consume(MapHandle, new Sink(handler));
    }

    /// <summary>Passes a limited number of the records that are available at the time of the call to the handler, in place and without allocating, and returns at once.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <param name="limit">The largest number of records to pass; the others stay in the ring.</param>
    /// <returns>The number of records passed.</returns>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public int Consume(BpfRecordHandler handler, int limit)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RecordReading.Consume(MapHandle, new Sink(handler), limit);
    }

    /// <summary>The current positions of the reader and of the writers.</summary>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfRingPositions Positions => RingReader.Of(MapHandle).Positions;

    /// <summary>True when programs overwrite the oldest records of a full ring instead of dropping the new ones (<c>BPF_F_RB_OVERWRITE</c>, 6.19).</summary>
    public bool IsOverwriting => MapHandle.Flags.HasFlag(BpfMapFlags.Overwrite);

    /// <summary>
    /// Reads records continuously, a copy of one at a time, and waits without a thread of its own. Ends when the object is disposed. Records that the kernel does not report
    /// (those sent with <c>BPF_RB_NO_WAKEUP</c>, and the ones after them) are read after about 200 ms.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet returned stay in the ring.</param>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    public IAsyncEnumerable<byte[]> ReadAllAsync(CancellationToken cancellationToken = default)
        => new RecordStream<Copy, byte[]>(MapHandle, default, cancellationToken);

    private readonly struct Sink(BpfRecordHandler handler) : IRecordSink
    {
        public void Take(BpfMapHandle ring, ReadOnlySpan<byte> record) => handler(record);
    }

    private struct Copy : IRecordCopy<byte[]>
    {
        public byte[] Record { get; private set; }

        public void Take(BpfMapHandle ring, ReadOnlySpan<byte> record) => Record = record.ToArray();
    }
}

/// <summary>A ring buffer (<c>BPF_MAP_TYPE_RINGBUF</c>, 5.8) whose records are all of one type. One reader at a time. When it is full, programs drop records, or overwrite the oldest (<see cref="IsOverwriting"/>).</summary>
/// <typeparam name="TEvent">The record's type, with the layout it has in the C.</typeparam>
public class BpfRingBuffer<TEvent> : BpfMap
    where TEvent : unmanaged
{
    private readonly BpfEventSize<TEvent>? _sizeOf;

    /// <summary>Creates a view of a ring buffer.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfRingBuffer(BpfMapHandle handle)
        : base(handle, [BpfMapType.RingBuf])
    {
    }

    /// <summary>Creates a view of a ring buffer whose records have several kinds and sizes.</summary>
    /// <param name="handle">The map.</param>
    /// <param name="sizeOf">Returns the size in bytes of a record of its kind.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfRingBuffer(BpfMapHandle handle, BpfEventSize<TEvent> sizeOf)
        : this(handle)
        => _sizeOf = sizeOf;

    /// <summary>Passes the records that are available at the time of the call to the handler, in place and without allocating, and returns at once. Records sent meanwhile are left for the next call.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <returns>The number of records passed.</returns>
    /// <exception cref="BpfException">The ring is being read already, or a record is shorter than the type.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public int Consume(BpfRecordHandler<TEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return RecordReading.Consume(MapHandle, new Sink(handler, _sizeOf));
    }

    /// <summary>Passes a limited number of the records that are available at the time of the call to the handler, in place and without allocating, and returns at once.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <param name="limit">The largest number of records to pass; the others stay in the ring.</param>
    /// <returns>The number of records passed.</returns>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public int Consume(BpfRecordHandler<TEvent> handler, int limit)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RecordReading.Consume(MapHandle, new Sink(handler, _sizeOf), limit);
    }

    /// <summary>The current positions of the reader and of the writers.</summary>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfRingPositions Positions => RingReader.Of(MapHandle).Positions;

    /// <summary>True when programs overwrite the oldest records of a full ring instead of dropping the new ones (<c>BPF_F_RB_OVERWRITE</c>, 6.19).</summary>
    public bool IsOverwriting => MapHandle.Flags.HasFlag(BpfMapFlags.Overwrite);

    /// <summary>
    /// Reads records continuously, a copy of one at a time, and waits without a thread of its own. Ends when the object is disposed. Records that the kernel does not report
    /// (those sent with <c>BPF_RB_NO_WAKEUP</c>, and the ones after them) are read after about 200 ms.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet returned stay in the ring.</param>
    /// <exception cref="BpfException">The ring is being read already, or a record is shorter than the type.</exception>
    public IAsyncEnumerable<TEvent> ReadAllAsync(CancellationToken cancellationToken = default)
        => new RecordStream<Copy, TEvent>(MapHandle, new Copy(_sizeOf), cancellationToken);

    private readonly struct Sink(BpfRecordHandler<TEvent> handler, BpfEventSize<TEvent>? sizeOf) : IRecordSink
    {
        public void Take(BpfMapHandle ring, ReadOnlySpan<byte> record)
        {
            Unsafe.SkipInit(out TEvent room);
            handler(in RecordReading.As(ring, record, sizeOf, ref room));
        }
    }

    private struct Copy(BpfEventSize<TEvent>? sizeOf) : IRecordCopy<TEvent>
    {
        private TEvent _record;

        public readonly TEvent Record => _record;

        public void Take(BpfMapHandle ring, ReadOnlySpan<byte> record)
        {
            Unsafe.SkipInit(out TEvent room);
            _record = RecordReading.As(ring, record, sizeOf, ref room);
        }
    }
}

/// <summary>The positions of a ring buffer's reader and writers, in bytes since it was created.</summary>
/// <param name="Consumer">The reader's position: everything before it was read.</param>
/// <param name="Producer">The writers' position: everything before it was reserved.</param>
public readonly record struct BpfRingPositions(ulong Consumer, ulong Producer)
{
    /// <summary>The number of unread bytes, including the 8-byte header of each record and records still being written.</summary>
    public ulong Available => Producer - Consumer;
}

/// <summary>Handles a record in place, in the ring buffer. The record is valid only during the call; its space is not freed meanwhile, so return quickly.</summary>
/// <param name="record">The record's bytes, without the kernel's header.</param>
public delegate void BpfRecordHandler(ReadOnlySpan<byte> record);

/// <summary>Handles a record in place, in the ring buffer. The record is valid only during the call; its space is not freed meanwhile, so return quickly.</summary>
/// <typeparam name="TEvent">The record's type, with the layout it has in the C.</typeparam>
/// <param name="record">The record.</param>
public delegate void BpfRecordHandler<TEvent>(ref readonly TEvent record)
    where TEvent : unmanaged;
