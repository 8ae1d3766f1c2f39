namespace Hypermesh.Bpf;

/// <summary>A ring buffer whose programs count the records they could not reserve, through <c>hm_reserve</c> and <c>hm_output</c> of <c>hypermesh/ringbuf.h</c>.</summary>
public sealed class BpfCountedRingBuffer : BpfRingBuffer
{
    private readonly DropCounter _dropped;

    /// <summary>Creates a view of a ring buffer and its counter.</summary>
    /// <param name="handle">The ring buffer.</param>
    /// <param name="dropCounter">The per-CPU array <c>NAME__dropped</c> with one 8-byte counter.</param>
    /// <exception cref="BpfException">One of the maps is of another type or size.</exception>
    public BpfCountedRingBuffer(BpfMapHandle handle, BpfMapHandle dropCounter)
        : base(handle)
        => _dropped = new DropCounter(dropCounter);

    /// <summary>The number of records that programs could not reserve since the object was loaded: seen + dropped = all.</summary>
    /// <exception cref="BpfSyscallException">The counter could not be read.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public ulong Dropped => _dropped.Read();
}

/// <summary>A ring buffer whose programs count the records they could not reserve, through <c>hm_reserve</c> and <c>hm_output</c> of <c>hypermesh/ringbuf.h</c>.</summary>
/// <typeparam name="TEvent">The record's type, with the layout it has in the C.</typeparam>
public sealed class BpfCountedRingBuffer<TEvent> : BpfRingBuffer<TEvent>
    where TEvent : unmanaged
{
    private readonly DropCounter _dropped;

    /// <summary>Creates a view of a ring buffer and its counter.</summary>
    /// <param name="handle">The ring buffer.</param>
    /// <param name="dropCounter">The per-CPU array <c>NAME__dropped</c> with one 8-byte counter.</param>
    /// <exception cref="BpfException">One of the maps is of another type or size.</exception>
    public BpfCountedRingBuffer(BpfMapHandle handle, BpfMapHandle dropCounter)
        : base(handle)
        => _dropped = new DropCounter(dropCounter);

    /// <summary>Creates a view of a ring buffer whose records have several kinds and sizes, and of its counter.</summary>
    /// <param name="handle">The ring buffer.</param>
    /// <param name="dropCounter">The per-CPU array <c>NAME__dropped</c> with one 8-byte counter.</param>
    /// <param name="sizeOf">Returns the size in bytes of a record of its kind.</param>
    /// <exception cref="BpfException">One of the maps is of another type or size.</exception>
    public BpfCountedRingBuffer(BpfMapHandle handle, BpfMapHandle dropCounter, BpfEventSize<TEvent> sizeOf)
        : base(handle, sizeOf)
        => _dropped = new DropCounter(dropCounter);

    /// <summary>The number of records that programs could not reserve since the object was loaded: seen + dropped = all.</summary>
    /// <exception cref="BpfSyscallException">The counter could not be read.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public ulong Dropped => _dropped.Read();
}

/// <summary>The per-CPU counter of failed reservations that our header keeps for a ring buffer.</summary>
internal sealed class DropCounter(BpfMapHandle handle)
{
    private readonly BpfPerCpuArrayMap<ulong> _map = new(handle);
    private readonly Lock _gate = new();
    private PerCpu<ulong>? _room;

    internal ulong Read()
    {
        // Monitors read it once a second, and allocate nothing for a reading.
        lock (_gate)
        {
            _room ??= PerCpu<ulong>.Allocate();
            _map.Read(0, _room.Value);
            return _room.Value.Sum();
        }
    }
}
