using System.Diagnostics;

namespace Hypermesh.Bpf;

/// <summary>
/// A ring buffer from here to the programs (<c>BPF_MAP_TYPE_USER_RINGBUF</c>, 6.1), which read it with <c>bpf_user_ringbuf_drain</c>. Records are written in place; several
/// threads may reserve, and the programs get them in the order of reserving.
/// </summary>
public sealed class BpfUserRingBuffer : BpfMap
{
    /// <summary>Looks at a ring buffer.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfUserRingBuffer(BpfMapDescriptor descriptor)
        : base(descriptor, [BpfMapType.UserRingBuf])
    {
    }

    /// <summary>Reserves space for a record, without waiting and without allocating.</summary>
    /// <param name="size">The record's size in bytes: at most the ring's size less 8 for the record's header, and less than 16 MiB, since programs cannot read more.</param>
    /// <param name="record">The record: submit it, or dispose it to discard it. Until then, the programs wait for it and for all records after it.</param>
    /// <returns>False when the ring is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits.</exception>
    /// <exception cref="BpfSyscallException">The ring could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryReserve(int size, out BpfUserRecord record) => UserRingWriter.Of(Descriptor).TryReserve(size, out record);

    /// <summary>Reserves space for a record; waits for the programs to free some when the ring is full.</summary>
    /// <param name="size">The record's size in bytes: at most the ring's size less 8 for the record's header, and less than 16 MiB, since programs cannot read more.</param>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="record">The record: submit it, or dispose it to discard it.</param>
    /// <returns>False when the time was over before there was room.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits.</exception>
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

            UserRingWriter.Of(Descriptor).WaitForRoom(left);
        }

        return true;
    }

    /// <summary>Writes a record; allocates nothing.</summary>
    /// <typeparam name="TRecord">Its type, laid out as the C has it.</typeparam>
    /// <param name="record">The record.</param>
    /// <returns>False when the ring is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A record of that size never fits.</exception>
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
