namespace Hypermesh.Bpf.Events.PerfBuffer;

/// <summary>One CPU's perf buffer: a page with the positions of the kernel and of the reader, and the records. A record that wraps around is copied into one piece.</summary>
internal sealed unsafe class PerfRing : IDisposable
{
    // struct perf_event_mmap_page, which is stable ABI.
    private const int HeadAt = 1024;
    private const int TailAt = 1032;

    // struct perf_event_header: type, misc, size; what follows depends on the type.
    private const uint RecordLost = 2;
    private const uint RecordSample = 9;
    private const int HeaderSize = 8;
    private const int LostCountAt = 16;
    private const int SampleSizeAt = 8;
    private const int SampleDataAt = 12;

    private readonly MappingHandle _memory;
    private readonly ulong _size;
    private byte[] _joined = [];

    internal PerfRing(int cpu, BpfHandle descriptor, MappingHandle memory)
    {
        Cpu = cpu;
        Descriptor = descriptor;
        _memory = memory;
        _size = memory.Length - (nuint)Environment.SystemPageSize;
    }

    internal int Cpu { get; }

    internal BpfHandle Descriptor { get; }

    /// <summary>True when there are unread records.</summary>
    internal bool HasMore
    {
        get
        {
            using MappingUse use = _memory.Use();
            return Volatile.Read(ref *(ulong*)(use.Address + TailAt)) != Volatile.Read(ref *(ulong*)(use.Address + HeadAt));
        }
    }

    /// <summary>Passes at most <paramref name="limit"/> records to the sink, and adds the lost ones to <paramref name="lost"/>.</summary>
    internal int Consume<TSink>(ref TSink sink, int limit, ref ulong lost)
        where TSink : struct, IPerfSink
    {
        using MappingUse use = _memory.Use();
        byte* data = use.Address + Environment.SystemPageSize;
        ref ulong tail = ref *(ulong*)(use.Address + TailAt);
        ulong position = tail;
        ulong head = Volatile.Read(ref *(ulong*)(use.Address + HeadAt));
        int taken = 0;
        while (position != head && taken < limit)
        {
            ulong at = position & (_size - 1);
            ulong* header = (ulong*)(data + at);
            uint type = (uint)*header;
            int length = (int)(*header >> 48);
            if (length < HeaderSize)
            {
                throw new BpfException($"The perf buffer of CPU {Cpu} has a record of {length} bytes, less than its header.");
            }

            ReadOnlySpan<byte> record = at + (ulong)length <= _size ? new ReadOnlySpan<byte>(data + at, length) : Join(data, (int)at, length);
            try
            {
                if (type == RecordSample)
                {
                    taken++;
                    int size = BitConverter.ToInt32(record[SampleSizeAt..]);
                    sink.Take(Cpu, record.Slice(SampleDataAt, size));
                }
                else if (type == RecordLost)
                {
                    lost += BitConverter.ToUInt64(record[LostCountAt..]);
                }
            }
            finally
            {
                // The kernel overwrites it from here on.
                position += (ulong)length;
                Volatile.Write(ref tail, position);
            }
        }

        return taken;
    }

    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(_memory);
        teardown.End(Descriptor);
        teardown.Report();
    }

    private ReadOnlySpan<byte> Join(byte* data, int at, int length)
    {
        if (_joined.Length < length)
        {
            // A record's size has 16 bits: once is enough.
            _joined = new byte[ushort.MaxValue];
        }

        int first = (int)_size - at;
        new ReadOnlySpan<byte>(data + at, first).CopyTo(_joined);
        new ReadOnlySpan<byte>(data, length - first).CopyTo(_joined.AsSpan(first));
        return _joined.AsSpan(0, length);
    }
}
