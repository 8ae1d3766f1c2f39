using System.Runtime.InteropServices;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Events;

/// <summary>Perf buffers on the scripted kernel.</summary>
public sealed class PerfBufferTests : IDisposable
{
    private readonly ScriptedKernel _kernel = new();
    private readonly nint _memory = Allocate();
    private readonly BpfPerfEventArray _map;

    public PerfBufferTests()
    {
        _kernel.Files["/sys/devices/system/cpu/possible"] = "0\n"u8.ToArray();
        _map = new BpfPerfEventArray(new BpfMapHandle(_kernel, new BpfMapDefinition("perf", BpfMapType.PerfEventArray, 4, 4, 1), _kernel.NewHandle()));
    }

    public void Dispose()
    {
        _map.MapHandle.Dispose();
        Free(_memory);
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }

    [Fact]
    public void Records_that_arrive_while_reading_are_for_the_next_read()
    {
        BpfPerfBuffer buffer = Open();
        Send(1);
        Send(2);
        int caused = 0;
        BpfPerfRecordHandler handler = (_, _) =>
        {
            Assert.True(++caused <= 100, "the reader is given its own records");
            Send(3);
        };
        Assert.Equal(2, buffer.Consume(handler));
        Assert.Equal(2, buffer.Consume(handler));
        Assert.Equal(4, caused);
    }

    [Fact]
    public void Lost_records_add_up()
    {
        BpfPerfBuffer buffer = Open();
        Lose(3);
        Send(1);
        Lose(4);
        Assert.Equal(1, buffer.Consume(static (_, _) => { }));
        Assert.Equal(7ul, buffer.Lost);

        Lose(5);
        Assert.Equal(0, buffer.Consume(static (_, _) => { }));
        Assert.Equal(12ul, buffer.Lost);
    }

    [Fact]
    public async Task Records_without_a_wake_up_are_read_too()
    {
        BpfPerfBuffer buffer = Open();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        await using IAsyncEnumerator<BpfPerfRecord> reading = buffer.ReadAllAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        for (byte round = 1; round <= 3; round++)
        {
            ValueTask<bool> next = reading.MoveNextAsync();
            Assert.False(next.IsCompleted);
            Send(round);
            Assert.True(await next);
            Assert.Equal(round, reading.Current.Data[0]);
        }
    }

    private static unsafe nint Allocate() => (nint)NativeMemory.AllocZeroed(2 * (nuint)Environment.SystemPageSize);

    private static unsafe void Free(nint memory) => NativeMemory.Free((void*)memory);

    private BpfPerfBuffer Open()
    {
        _kernel.Memory.Enqueue(_memory);
        return _map.OpenBuffer(new BpfPerfBufferOptions { PagesPerCpu = 1 });
    }

    // struct perf_event_header, the size of what follows, one byte of it and padding.
    private void Send(byte value)
    {
        var record = new byte[24];
        BitConverter.TryWriteBytes(record, 9u);
        BitConverter.TryWriteBytes(record.AsSpan(8), 12u);
        record[12] = value;
        Append(record);
    }

    // struct perf_event_header, the event's ID and how many records found no room.
    private void Lose(ulong count)
    {
        var record = new byte[24];
        BitConverter.TryWriteBytes(record, 2u);
        BitConverter.TryWriteBytes(record.AsSpan(16), count);
        Append(record);
    }

    private unsafe void Append(byte[] record)
    {
        BitConverter.TryWriteBytes(record.AsSpan(6), (ushort)record.Length);
        ref ulong head = ref *(ulong*)((byte*)_memory + 1024);
        byte* data = (byte*)_memory + Environment.SystemPageSize;
        for (int i = 0; i < record.Length; i++)
        {
            data[(int)(head + (ulong)i) & (Environment.SystemPageSize - 1)] = record[i];
        }

        Volatile.Write(ref head, head + (ulong)record.Length);
    }
}
