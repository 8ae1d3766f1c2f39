using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Events.RingBuffer;

/// <summary>Reads the available records of a ring, and converts records to their type.</summary>
internal static class RecordReading
{
    internal static int Consume<TSink>(BpfMapHandle map, TSink sink, int limit = int.MaxValue)
        where TSink : struct, IRecordSink
    {
        RingReader ring = RingReader.Of(map);
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

    /// <summary>Returns a record as its type: in place, or padded with zeros if it is a short record of one of several kinds.</summary>
    /// <param name="ring">The map, for messages.</param>
    /// <param name="record">The bytes.</param>
    /// <param name="sizeOf">Returns the size of a record of its kind; null if all records have the same size.</param>
    /// <param name="room">Buffer for a padded record.</param>
    internal static ref readonly TEvent As<TEvent>(BpfMapHandle ring, ReadOnlySpan<byte> record, BpfEventSize<TEvent>? sizeOf, ref TEvent room)
        where TEvent : unmanaged
    {
        if (record.Length < Unsafe.SizeOf<TEvent>())
        {
            return ref FillUp(ring, record, sizeOf, ref room);
        }

        return ref Unsafe.As<byte, TEvent>(ref MemoryMarshal.GetReference(record));
    }

    private static ref TEvent FillUp<TEvent>(BpfMapHandle ring, ReadOnlySpan<byte> record, BpfEventSize<TEvent>? sizeOf, ref TEvent room)
        where TEvent : unmanaged
    {
        if (sizeOf is null)
        {
            ThrowTooShort<TEvent>(ring, record.Length, Unsafe.SizeOf<TEvent>());
        }

        room = default;
        record.CopyTo(MemoryMarshal.AsBytes(new Span<TEvent>(ref room)));
        int wanted = sizeOf(in room);
        if (record.Length < wanted)
        {
            throw new BpfException(
                $"Map {ring.Name} returned a record of {record.Length} bytes whose kind is {KindOf(room)}, but a {typeof(TEvent).Name} of that kind has {wanted} bytes: the C reserved space for one kind and set another. Let hm_reserve_event(ring, member) and the kind that is set name the same member.",
                ring.ObjectName, ring.Name);
        }

        return ref room;
    }

    // The generated type has a field Kind, or a property that reads it. If trimming removed both, the message says less.
    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = "The type's own SizeOf reads the kind, so the field is kept; for a message alone.")]
    private static string KindOf<TEvent>(TEvent record)
        where TEvent : unmanaged
        => $"{typeof(TEvent).GetField("Kind")?.GetValue(record) ?? typeof(TEvent).GetProperty("Kind")?.GetValue(record) ?? "not known"}";

    [DoesNotReturn]
    private static void ThrowTooShort<TEvent>(BpfMapHandle ring, int length, int wanted)
        where TEvent : unmanaged
        => throw new BpfException(
            $"Map {ring.Name} returned a record of {length} bytes, but {typeof(TEvent).Name} has {wanted} bytes: the C sends another type. Read the map with the type that the C sends.",
            ring.ObjectName, ring.Name);
}
