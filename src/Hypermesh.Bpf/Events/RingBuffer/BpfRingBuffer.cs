using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Events.RingBuffer;

namespace Hypermesh.Bpf;

/// <summary>A ring buffer (<c>BPF_MAP_TYPE_RINGBUF</c>, 5.8) read as bytes. One reader at a time; the programs decide what happens when it is full: they drop.</summary>
public class BpfRingBuffer : BpfMap
{
    /// <summary>Looks at a ring buffer.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfRingBuffer(BpfMapHandle handle)
        : base(handle, [BpfMapType.RingBuf])
    {
    }

    /// <summary>Passes the records that are available at the time of the call to the handler, in place and without allocating, and returns at once. Records sent meanwhile are left for the next call.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public int Consume(BpfRecordHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return RecordReading.Consume(Handle, new Sink(handler));
    }

    /// <summary>Passes a limited number of the records that are available at the time of the call to the handler, in place and without allocating, and returns at once.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <param name="limit">How many at most; the others stay.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public int Consume(BpfRecordHandler handler, int limit)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RecordReading.Consume(Handle, new Sink(handler), limit);
    }

    /// <summary>Where reading and writing have come to, and what lies between them now.</summary>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfRingPositions Positions => RingReader.Of(Handle).Positions;

    /// <summary>True when programs overwrite the oldest records of a full ring in place of dropping the new (<c>BPF_F_RB_OVERWRITE</c>, 6.19).</summary>
    public bool IsOverwriting => ((BpfMapFlags)Handle.Flags).HasFlag(BpfMapFlags.Overwrite);

    /// <summary>
    /// Reads records continuously, a copy of one at a time, and waits without a thread of its own. Ends when the object is disposed. Records that the kernel does not report
    /// (those sent with <c>BPF_RB_NO_WAKEUP</c>, and the ones after them) are read after about 200 ms.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet given out stay in the ring.</param>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    public IAsyncEnumerable<byte[]> ReadAllAsync(CancellationToken cancellationToken = default)
        => new RecordStream<Copy, byte[]>(Handle, default, cancellationToken);

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

/// <summary>A ring buffer (<c>BPF_MAP_TYPE_RINGBUF</c>, 5.8) whose records are all of one type. One reader at a time; the programs decide what happens when it is full: they drop.</summary>
/// <typeparam name="TEvent">The record's type, laid out as the C has it.</typeparam>
public class BpfRingBuffer<TEvent> : BpfMap
    where TEvent : unmanaged
{
    private readonly BpfEventSize<TEvent>? _sizeOf;

    /// <summary>Looks at a ring buffer.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfRingBuffer(BpfMapHandle handle)
        : base(handle, [BpfMapType.RingBuf])
    {
    }

    /// <summary>Looks at a ring buffer whose records are of several kinds, of different sizes.</summary>
    /// <param name="handle">The map.</param>
    /// <param name="sizeOf">How many bytes a record of its kind has.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfRingBuffer(BpfMapHandle handle, BpfEventSize<TEvent> sizeOf)
        : this(handle)
        => _sizeOf = sizeOf;

    /// <summary>Passes the records that are available at the time of the call to the handler, in place and without allocating, and returns at once. Records sent meanwhile are left for the next call.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="BpfException">The ring is being read already, or a record is shorter than the type.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public int Consume(BpfRecordHandler<TEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return RecordReading.Consume(Handle, new Sink(handler, _sizeOf));
    }

    /// <summary>Passes a limited number of the records that are available at the time of the call to the handler, in place and without allocating, and returns at once.</summary>
    /// <param name="handler">Gets each record, valid until it returns. It is synchronous: use <see cref="ReadAllAsync"/> to await for each record. When it throws, that record counts as read.</param>
    /// <param name="limit">How many at most; the others stay.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public int Consume(BpfRecordHandler<TEvent> handler, int limit)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RecordReading.Consume(Handle, new Sink(handler, _sizeOf), limit);
    }

    /// <summary>Where reading and writing have come to, and what lies between them now.</summary>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfRingPositions Positions => RingReader.Of(Handle).Positions;

    /// <summary>True when programs overwrite the oldest records of a full ring in place of dropping the new (<c>BPF_F_RB_OVERWRITE</c>, 6.19).</summary>
    public bool IsOverwriting => ((BpfMapFlags)Handle.Flags).HasFlag(BpfMapFlags.Overwrite);

    /// <summary>
    /// Reads records continuously, a copy of one at a time, and waits without a thread of its own. Ends when the object is disposed. Records that the kernel does not report
    /// (those sent with <c>BPF_RB_NO_WAKEUP</c>, and the ones after them) are read after about 200 ms.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet given out stay in the ring.</param>
    /// <exception cref="BpfException">The ring is being read already, or a record is shorter than the type.</exception>
    public IAsyncEnumerable<TEvent> ReadAllAsync(CancellationToken cancellationToken = default)
        => new RecordStream<Copy, TEvent>(Handle, new Copy(_sizeOf), cancellationToken);

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

/// <summary>Where a ring buffer's reader and writers have come to, in bytes since it was made.</summary>
/// <param name="Consumer">Everything before was read.</param>
/// <param name="Producer">Everything before was reserved.</param>
public readonly record struct BpfRingPositions(ulong Consumer, ulong Producer)
{
    /// <summary>What is there to be read, in bytes with 8 of each record's header; records still being written are counted.</summary>
    public ulong Available => Producer - Consumer;
}

/// <summary>Looks at a record where it lies in the ring buffer. It is valid within the call only; the ring waits meanwhile, so be short.</summary>
/// <param name="record">The record's bytes, without the kernel's header.</param>
public delegate void BpfRecordHandler(ReadOnlySpan<byte> record);

/// <summary>Looks at a record where it lies in the ring buffer. It is valid within the call only; the ring waits meanwhile, so be short.</summary>
/// <typeparam name="TEvent">The record's type, laid out as the C has it.</typeparam>
/// <param name="record">The record.</param>
public delegate void BpfRecordHandler<TEvent>(ref readonly TEvent record)
    where TEvent : unmanaged;
