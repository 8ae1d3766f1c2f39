using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>The two ways to read a ring: handing out records in place, and one copy at a time for whoever awaits them.</summary>
internal static class RecordReading
{
    internal static int Consume<TSink>(BpfMapDescriptor map, TSink sink, int limit = int.MaxValue)
        where TSink : struct, IRecordSink
    {
        RingReader ring = map.Ring;
        ring.Claim();
        try
        {
            return ring.Consume(ref sink, limit);
        }
        finally
        {
            ring.Release();
        }
    }

    /// <summary>Yields each record's copy. Ends when the ring is closed; a record not asked for stays in the ring.</summary>
    internal static async IAsyncEnumerable<TRecord> ReadAllAsync<TSink, TRecord>(
        BpfMapDescriptor map, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TSink : struct, IRecordCopy<TRecord>
    {
        RingReader ring = map.Ring;
        ring.Claim();
        try
        {
            ring.Watch();
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), ring.Signal);
            TSink copy = default;
            while (!ring.IsClosed)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryRead(ring, ref copy))
                {
                    yield return copy.Record;
                }
                else
                {
                    await ring.Signal.WaitAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            ring.Unwatch();
            ring.Release();
        }
    }

    internal static ref readonly TEvent As<TEvent>(BpfMapDescriptor ring, ReadOnlySpan<byte> record)
        where TEvent : unmanaged
    {
        if (record.Length < Unsafe.SizeOf<TEvent>())
        {
            ThrowTooShort<TEvent>(ring, record.Length);
        }

        return ref Unsafe.As<byte, TEvent>(ref MemoryMarshal.GetReference(record));
    }

    private static bool TryRead<TSink>(RingReader ring, ref TSink copy)
        where TSink : struct, IRecordSink
    {
        try
        {
            return ring.Consume(ref copy, limit: 1) == 1;
        }
        catch (ObjectDisposedException) when (ring.IsClosed)
        {
            return false;
        }
    }

    [DoesNotReturn]
    private static void ThrowTooShort<TEvent>(BpfMapDescriptor ring, int length)
        where TEvent : unmanaged
        => throw new BpfException(
            $"Ring buffer {ring.Name} gave a record of {length} bytes, and {typeof(TEvent).Name} has {Unsafe.SizeOf<TEvent>()}: the C reserves another type.",
            ring.ObjectName, ring.Name);
}
