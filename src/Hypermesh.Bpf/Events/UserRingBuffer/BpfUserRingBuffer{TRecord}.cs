namespace Hypermesh.Bpf;

/// <summary>
/// A ring buffer from here to the programs (<c>BPF_MAP_TYPE_USER_RINGBUF</c>, 6.1) whose records are all of one type. Several threads may write, and the programs get
/// the records in order.
/// </summary>
/// <typeparam name="TRecord">The record's type, laid out as the C has it.</typeparam>
public sealed class BpfUserRingBuffer<TRecord> : BpfMap
    where TRecord : unmanaged
{
    private readonly BpfUserRingBuffer _ring;

    /// <summary>Looks at a ring buffer.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfUserRingBuffer(BpfMapDescriptor descriptor)
        : base(descriptor, [BpfMapType.UserRingBuf])
        => _ring = new BpfUserRingBuffer(descriptor);

    /// <summary>Writes a record; allocates nothing.</summary>
    /// <param name="record">The record.</param>
    /// <returns>False when the ring is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits.</exception>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryWrite(in TRecord record) => _ring.TryWrite(in record);

    /// <summary>Writes a record; waits for the programs to make room when the ring is full.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <returns>False when the time was over before there was room.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits.</exception>
    /// <exception cref="BpfSyscallException">The ring could not be mapped, or waited for.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public unsafe bool TryWrite(in TRecord record, TimeSpan timeout)
    {
        if (!_ring.TryReserve(sizeof(TRecord), timeout, out BpfUserRecord room))
        {
            return false;
        }

        System.Runtime.InteropServices.MemoryMarshal.Write(room.Data, in record);
        room.Submit();
        return true;
    }
}
