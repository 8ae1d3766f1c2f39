using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>A ring buffer's memory as the kernel lays it out, with the data written twice as the kernel maps it twice.</summary>
internal sealed unsafe class FakeRing : IDisposable
{
    internal const uint Busy = 1u << 31;
    internal const uint Discarded = 1u << 30;

    private readonly byte* _consumer;
    private readonly byte* _producer;
    private readonly int _size;

    internal FakeRing(ScriptedKernel kernel, int size)
    {
        _size = size;
        _consumer = (byte*)NativeMemory.AllocZeroed((nuint)Environment.SystemPageSize);
        _producer = (byte*)NativeMemory.AllocZeroed((nuint)(Environment.SystemPageSize + (2 * size)));
        kernel.Memory.Enqueue((nint)_consumer);
        kernel.Memory.Enqueue((nint)_producer);
        Map = new BpfMapHandle(kernel, new BpfMapDefinition("ring", BpfMapType.RingBuf, 0, 0, (uint)size), kernel.NewHandle());
    }

    internal BpfMapHandle Map { get; }

    internal ref ulong ConsumerPosition => ref *(ulong*)_consumer;

    internal ref ulong ProducerPosition => ref *(ulong*)_producer;

    /// <summary>Reserves and writes a record; answers its place.</summary>
    internal ulong Produce(ReadOnlySpan<byte> record, uint flags = 0)
    {
        ulong place = ProducerPosition;
        SetHeader(place, (uint)record.Length | flags);
        for (int i = 0; i < record.Length; i++)
        {
            Write(place + 8 + (ulong)i, record[i]);
        }

        ProducerPosition = place + (ulong)((record.Length + 8 + 7) & ~7);
        return place;
    }

    internal void SetHeader(ulong place, uint header)
    {
        for (int i = 0; i < 4; i++)
        {
            Write(place + (ulong)i, (byte)(header >> (8 * i)));
        }
    }

    public void Dispose()
    {
        Map.Dispose();
        NativeMemory.Free(_consumer);
        NativeMemory.Free(_producer);
    }

    private void Write(ulong place, byte value)
    {
        int at = (int)(place & (ulong)(_size - 1));
        byte* data = _producer + Environment.SystemPageSize;
        data[at] = value;
        data[at + _size] = value;
    }
}
