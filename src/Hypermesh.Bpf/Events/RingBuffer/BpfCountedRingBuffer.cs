namespace Hypermesh.Bpf;

/// <summary>A ring buffer whose programs count the records they could not reserve, through <c>hm_reserve</c> and <c>hm_output</c> of <c>hypermesh/ringbuf.h</c>.</summary>
public sealed class BpfCountedRingBuffer : BpfRingBuffer
{
    private readonly DropCounter _dropped;

    /// <summary>Looks at a ring buffer and its counter.</summary>
    /// <param name="handle">The ring buffer.</param>
    /// <param name="dropCounter">The per-CPU array of one 8-byte counter beside it, <c>NAME__dropped</c>.</param>
    /// <exception cref="BpfException">One of the maps is of another kind or size.</exception>
    public BpfCountedRingBuffer(BpfMapHandle handle, BpfMapHandle dropCounter)
        : base(handle)
        => _dropped = new DropCounter(dropCounter);

    /// <summary>How many records the programs could not place since the object was loaded: seen + dropped = all.</summary>
    /// <exception cref="BpfSyscallException">The counter could not be read.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public ulong Dropped => _dropped.Read();
}

/// <summary>A ring buffer whose programs count the records they could not reserve, through <c>hm_reserve</c> and <c>hm_output</c> of <c>hypermesh/ringbuf.h</c>.</summary>
/// <typeparam name="TEvent">The record's type, laid out as the C has it.</typeparam>
public sealed class BpfCountedRingBuffer<TEvent> : BpfRingBuffer<TEvent>
    where TEvent : unmanaged
{
    private readonly DropCounter _dropped;

    /// <summary>Looks at a ring buffer and its counter.</summary>
    /// <param name="handle">The ring buffer.</param>
    /// <param name="dropCounter">The per-CPU array of one 8-byte counter beside it, <c>NAME__dropped</c>.</param>
    /// <exception cref="BpfException">One of the maps is of another kind or size.</exception>
    public BpfCountedRingBuffer(BpfMapHandle handle, BpfMapHandle dropCounter)
        : base(handle)
        => _dropped = new DropCounter(dropCounter);

    /// <summary>Looks at a ring buffer whose records are of several kinds, of different sizes, and its counter.</summary>
    /// <param name="handle">The ring buffer.</param>
    /// <param name="dropCounter">The per-CPU array of one 8-byte counter beside it, <c>NAME__dropped</c>.</param>
    /// <param name="sizeOf">How many bytes a record of its kind has.</param>
    /// <exception cref="BpfException">One of the maps is of another kind or size.</exception>
    public BpfCountedRingBuffer(BpfMapHandle handle, BpfMapHandle dropCounter, BpfEventSize<TEvent> sizeOf)
        : base(handle, sizeOf)
        => _dropped = new DropCounter(dropCounter);

    /// <summary>How many records the programs could not place since the object was loaded: seen + dropped = all.</summary>
    /// <exception cref="BpfSyscallException">The counter could not be read.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public ulong Dropped => _dropped.Read();
}

/// <summary>The per-CPU counter our header keeps beside a ring buffer: failures to reserve.</summary>
internal sealed class DropCounter(BpfMapHandle handle)
{
    private readonly BpfPerCpuArrayMap<ulong> _map = new(handle);

    internal ulong Read() => _map[0].Sum();
}
