using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Events.UserRingBuffer;

/// <summary>The writing end of a user ring buffer: the consumer's page (read-only), the producer's page and the data (writable; mapped twice in a row, so that a record is always in one piece).</summary>
internal sealed unsafe class UserRingWriter : IDisposable
{
    internal const uint Discarded = 1u << 30;
    internal const int HeaderSize = 8;

    private const uint Busy = 1u << 31;
    private const int LongestWaitMs = 1000;

    // Programs read a record through a dynptr, whose size has 24 bits. The kernel cannot skip a longer record, which would block the ring for good.
    private const int LongestRecord = (1 << 24) - 1;

    private readonly BpfMapHandle _map;
    private readonly MappingHandle _consumer;
    private readonly MappingHandle _producer;
    private readonly Lock _gate = new();

    private UserRingWriter(BpfMapHandle map, MappingHandle consumer, MappingHandle producer)
    {
        _map = map;
        _consumer = consumer;
        _producer = producer;
    }

    private static int PageSize => Environment.SystemPageSize;

    /// <summary>The one writing end of a user ring buffer in this process, created at first use.</summary>
    internal static UserRingWriter Of(BpfMapHandle map) => map.Share(Open);

    private static UserRingWriter Open(BpfMapHandle map)
    {
        using HandleUse use = map.Use();
        MappingHandle consumer = Map(map, (nuint)PageSize, MemoryProtection.Read, use.Descriptor, 0);
        try
        {
            return new UserRingWriter(map, consumer, Map(map, (nuint)(PageSize + (2L * map.MaxEntries)), MemoryProtection.Read | MemoryProtection.Write, use.Descriptor, PageSize));
        }
        catch
        {
            consumer.Dispose();
            throw;
        }
    }

    internal bool TryReserve(int size, out BpfUserRecord record)
    {
        CheckSize(size);
        long total = ((long)size + HeaderSize + 7) & ~7L;
        using MappingUse consumerUse = _consumer.Use();
        MappingUse producerUse = _producer.Use();
        ref ulong producer = ref *(ulong*)producerUse.Address;
        lock (_gate)
        {
            ulong position = producer;
            ulong free = _map.MaxEntries - (position - Volatile.Read(ref *(ulong*)consumerUse.Address));
            if (free < (ulong)total)
            {
                producerUse.Dispose();
                record = default;
                return false;
            }

            uint* header = (uint*)(producerUse.Address + PageSize + (position & (_map.MaxEntries - 1)));
            header[0] = (uint)size | Busy;
            header[1] = 0;
            Volatile.Write(ref producer, position + (ulong)total);
            record = new BpfUserRecord(producerUse, header, size);
            return true;
        }
    }

    private void CheckSize(int size)
    {
        // The ring's size is a power of two, so the space beside the header needs no padding.
        long longest = Math.Min(LongestRecord, _map.MaxEntries - (long)HeaderSize);
        if (size < 0 || size > longest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(size), size,
                $"A record of ring buffer {_map.Name} has 0 to {longest} bytes: {(longest == LongestRecord ? "the kernel cannot read a longer one, whatever the ring's size; send it in parts" : $"the ring has {_map.MaxEntries} bytes, {HeaderSize} of which are the record's header; raise its max_entries, or send the record in parts")}.");
        }
    }

    /// <summary>Waits until programs have read something, or a part of the time has passed.</summary>
    internal void WaitForRoom(TimeSpan atMost)
    {
        int milliseconds = (int)Math.Clamp(Math.Ceiling(atMost.TotalMilliseconds), 1, LongestWaitMs);
        using HandleUse use = _map.Use();
        long result = _map.Kernel.WaitWritable(use.Descriptor, milliseconds);
        if (result < 0 && result != -Errno.EINTR)
        {
            throw KernelErrors.Of(_map.Kernel, "poll", result, $"Waiting for room in ring buffer {_map.Name}", Capabilities.None, _map.ObjectName, _map.Name);
        }

        if (result > 0)
        {
            // There is some room but not enough: poll would return at once, again and again.
            Thread.Sleep(1);
        }
    }

    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(_consumer);
        teardown.End(_producer);
        teardown.Report();
    }

    private static MappingHandle Map(BpfMapHandle map, nuint length, MemoryProtection protection, int descriptor, long offset)
        => MappingHandle.TryMap(map.Kernel, length, protection, MemoryMapping.Shared, descriptor, offset, out long result)?.Named(BpfMapHandle.SubjectOf(map.Name, map.ObjectName))
            ?? throw KernelErrors.Of(map.Kernel, "mmap", result, $"Mapping ring buffer {map.Name}", Capabilities.None, map.ObjectName, map.Name);
}
