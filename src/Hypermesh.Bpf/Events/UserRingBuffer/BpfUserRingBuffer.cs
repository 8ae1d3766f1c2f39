using System.Diagnostics;
using Hypermesh.Bpf.Events.UserRingBuffer;

namespace Hypermesh.Bpf;

/// <summary>
/// A ring buffer from user space to the programs (<c>BPF_MAP_TYPE_USER_RINGBUF</c>, 6.1), which read it with <c>bpf_user_ringbuf_drain</c>. Records are written in place; several
/// threads may reserve records, and the programs get them in that order.
/// </summary>
public sealed class BpfUserRingBuffer : BpfMap
{
    /// <summary>Creates a view of a ring buffer.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfUserRingBuffer(BpfMapHandle handle)
        : base(handle, [BpfMapType.UserRingBuf])
    {
    }

    /// <summary>Reserves space for a record, without waiting and without allocating.</summary>
    /// <param name="size">The record's size in bytes: at most the ring's size less 8 for the record's header, and less than 16 MiB, since programs cannot read more.</param>
    /// <param name="record">The record: submit it, or dispose it to discard it. Until then, the programs wait for it and for all records after it.</param>
    /// <returns>False when the ring is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits into the ring.</exception>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryReserve(int size, out BpfUserRecord record) => UserRingWriter.Of(MapHandle).TryReserve(size, out record);

    /// <summary>Reserves space for a record; waits for the programs to free some when the ring is full.</summary>
    /// <param name="size">The record's size in bytes: at most the ring's size less 8 for the record's header, and less than 16 MiB, since programs cannot read more.</param>
    /// <param name="timeout">The longest time to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait without a limit.</param>
    /// <param name="record">The record: submit it, or dispose it to discard it.</param>
    /// <returns>False when the timeout passed before there was room.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits into the ring.</exception>
    /// <exception cref="BpfSyscallException">The ring could not be mapped, or waited for.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryReserve(int size, TimeSpan timeout, out BpfUserRecord record)
    {
        long start = Stopwatch.GetTimestamp();
        while (!TryReserve(size, out record))
        {
            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            UserRingWriter.Of(MapHandle).WaitForRoom(left);
        }

        return true;
    }

    /// <summary>Writes a record; allocates nothing.</summary>
    /// <typeparam name="TRecord">Its type, with the layout it has in the C.</typeparam>
    /// <param name="record">The record.</param>
    /// <returns>False when the ring is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits into the ring.</exception>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public unsafe bool TryWrite<TRecord>(in TRecord record)
        where TRecord : unmanaged
    {
        if (!TryReserve(sizeof(TRecord), out BpfUserRecord room))
        {
            return false;
        }

        System.Runtime.InteropServices.MemoryMarshal.Write(room.Data, in record);
        room.Submit();
        return true;
    }
}

/// <summary>
/// A ring buffer from user space to the programs (<c>BPF_MAP_TYPE_USER_RINGBUF</c>, 6.1) whose records are all of one type. Several threads may write, and the programs get
/// the records in order.
/// </summary>
/// <typeparam name="TRecord">The record's type, with the layout it has in the C.</typeparam>
public sealed class BpfUserRingBuffer<TRecord> : BpfMap
    where TRecord : unmanaged
{
    private readonly BpfUserRingBuffer _ring;

    /// <summary>Creates a view of a ring buffer.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfUserRingBuffer(BpfMapHandle handle)
        : base(handle, [BpfMapType.UserRingBuf])
        => _ring = new BpfUserRingBuffer(handle);

    /// <summary>Writes a record; allocates nothing.</summary>
    /// <param name="record">The record.</param>
    /// <returns>False when the ring is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits into the ring.</exception>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryWrite(in TRecord record) => _ring.TryWrite(in record);

    /// <summary>Writes a record; waits for the programs to make room when the ring is full.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timeout">The longest time to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait without a limit.</param>
    /// <returns>False when the timeout passed before there was room.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits into the ring.</exception>
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

/// <summary>
/// Space for a record in a <see cref="BpfUserRingBuffer"/>: write it, then submit it. A record that is disposed without being submitted is discarded, and the programs skip it. Copies are
/// the same record: once one of them is submitted or disposed, the record belongs to the programs and no copy can access it.
/// </summary>
public readonly unsafe ref struct BpfUserRecord : IDisposable
{
    private const string Ended = "The record, or a copy of it, was submitted or disposed already.";

    private readonly MappingUse _use;
    private readonly uint* _header;
    private readonly int _size;

    internal BpfUserRecord(MappingUse use, uint* header, int size)
    {
        _use = use;
        _header = header;
        _size = size;
    }

    /// <summary>The record's bytes, with whatever they held before; valid until the record is submitted or disposed. Empty when nothing was reserved.</summary>
    /// <exception cref="ObjectDisposedException">The record, or a copy of it, was submitted or disposed already.</exception>
    public Span<byte> Data
    {
        get
        {
            if (_header is null)
            {
                return default;
            }

            if (!_use.IsHeld)
            {
                throw new ObjectDisposedException(nameof(BpfUserRecord), Ended);
            }

            return new Span<byte>((byte*)_header + UserRingWriter.HeaderSize, _size);
        }
    }

    /// <summary>Submits the record to the programs.</summary>
    /// <exception cref="InvalidOperationException">The record, or a copy of it, was submitted or disposed already.</exception>
    public void Submit()
    {
        if (!_use.IsHeld)
        {
            throw new InvalidOperationException(Ended);
        }

        End(0);
    }

    /// <summary>Discards the record, unless it, or a copy of it, was submitted.</summary>
    public void Dispose()
    {
        if (_use.IsHeld)
        {
            End(UserRingWriter.Discarded);
        }
    }

    private void End(uint flags)
    {
        // The programs see the data before they see the header.
        Volatile.Write(ref *_header, (uint)_size | flags);
        _use.Dispose();
    }
}
