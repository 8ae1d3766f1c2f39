namespace Hypermesh.Bpf;

/// <summary>A ring buffer (<c>BPF_MAP_TYPE_RINGBUF</c>, 5.8) read as bytes. One reader at a time; the programs decide what happens when it is full: they drop.</summary>
public class BpfRingBuffer : BpfMap
{
    /// <summary>Looks at a ring buffer.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfRingBuffer(BpfMapDescriptor descriptor)
        : base(descriptor, [BpfMapType.RingBuf])
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
        return RecordReading.Consume(Descriptor, new Sink(handler));
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
        return RecordReading.Consume(Descriptor, new Sink(handler), limit);
    }

    /// <summary>Where reading and writing have come to, and what lies between them now.</summary>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfRingPositions Positions => RingReader.Of(Descriptor).Positions;

    /// <summary>True when programs overwrite the oldest records of a full ring in place of dropping the new (<c>BPF_F_RB_OVERWRITE</c>, 6.19).</summary>
    public bool IsOverwriting => ((MapFlags)Descriptor.Flags).HasFlag(MapFlags.Overwrite);

    /// <summary>
    /// Reads records continuously, a copy of one at a time, and waits without a thread of its own. Ends when the object is disposed. Records that the kernel does not report
    /// (those sent with <c>BPF_RB_NO_WAKEUP</c>, and the ones after them) are read after about 200 ms.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>; records not yet given out stay in the ring.</param>
    /// <exception cref="BpfException">The ring is being read already.</exception>
    public IAsyncEnumerable<byte[]> ReadAllAsync(CancellationToken cancellationToken = default)
        => RecordReading.ReadAllAsync<Copy, byte[]>(Descriptor, default, cancellationToken);

    private readonly struct Sink(BpfRecordHandler handler) : IRecordSink
    {
        public void Take(BpfMapDescriptor ring, ReadOnlySpan<byte> record) => handler(record);
    }

    private struct Copy : IRecordCopy<byte[]>
    {
        public byte[] Record { get; private set; }

        public void Take(BpfMapDescriptor ring, ReadOnlySpan<byte> record) => Record = record.ToArray();
    }
}
