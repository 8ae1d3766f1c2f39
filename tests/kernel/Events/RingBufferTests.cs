using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Events;

public sealed class RingBufferTests : KernelTest
{
    private const int RecordSize = 16;
    private const int HeaderSize = 8;

    [Fact]
    [Row("runtime", "ring buffer consumer")]
    public void Records_come_in_order_past_the_end_of_the_ring()
    {
        (BpfMapHandle descriptor, BpfSyscallProgram program) = Ring(4096);
        var ring = new BpfRingBuffer<(ulong Value, ulong Constant)>(descriptor);
        ulong next = 0, sent = 0;
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(0, program.Run(ref sent));
                sent++;
            }

            int count = ring.Consume((ref readonly (ulong Value, ulong Constant) record) =>
            {
                Assert.Equal(next++, record.Value);
                Assert.Equal(42ul, record.Constant);
            });
            Assert.Equal(100, count);
        }

        Assert.Equal(0, ring.Consume((ref readonly (ulong, ulong) _) => Assert.Fail("empty")));
    }

    [Fact]
    public void A_full_ring_drops_and_goes_on()
    {
        (BpfMapHandle descriptor, BpfSyscallProgram program) = Ring(4096);
        var ring = new BpfRingBuffer(descriptor);
        ulong value = 0;
        int placed = 0;
        for (int i = 0; i < 1000; i++)
        {
            placed += program.Run(ref value) == 0 ? 1 : 0;
        }

        Assert.Equal(4096 / (RecordSize + HeaderSize), placed);
        Assert.Equal(placed, ring.Consume(record => Assert.Equal(RecordSize, record.Length)));
        Assert.Equal(0, program.Run(ref value));
        Assert.Equal(1, ring.Consume(_ => { }));
    }

    [Fact]
    [Row("runtime", "ring buffer async")]
    public async Task A_waiting_reader_gets_every_record()
    {
        const int Records = 20_000;
        (BpfMapHandle descriptor, BpfSyscallProgram program) = Ring(1 << 20);
        var ring = new BpfRingBuffer<(ulong Value, ulong Constant)>(descriptor);
        Task writer = Task.Run(async () =>
        {
            for (ulong i = 0; i < Records; i++)
            {
                ulong value = i;
                Assert.Equal(0, program.Run(ref value));
                if (i % 1000 == 0)
                {
                    // Let the reader run dry and wait.
                    await Task.Delay(2);
                }
            }
        }, TestContext.Current.CancellationToken);
        ulong next = 0;
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await foreach ((ulong value, _) in ring.ReadAllAsync(timeout.Token))
        {
            Assert.Equal(next++, value);
            if (next == Records)
            {
                break;
            }
        }

        await writer;
        Assert.Equal((ulong)Records, next);
    }

    [Fact]
    public async Task Reading_ends_by_cancellation_and_leaves_the_rest()
    {
        (BpfMapHandle descriptor, BpfSyscallProgram program) = Ring(4096);
        var ring = new BpfRingBuffer(descriptor);
        using var cancel = new CancellationTokenSource();
        Task reading = Read(ring, cancel.Token);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Throws<BpfException>(() => ring.Consume(_ => { }));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        ulong value = 5;
        program.Run(ref value);
        Assert.Equal(1, ring.Consume(_ => { }));
    }

    [Fact]
    public async Task Reading_ends_when_the_object_does()
    {
        (BpfMapHandle descriptor, _) = Ring(4096);
        var ring = new BpfRingBuffer(descriptor);
        Task reading = Read(ring, CancellationToken.None);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        descriptor.Dispose();
        await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Throws<ObjectDisposedException>(() => ring.Consume(_ => { }));
    }

    [Fact]
    public void A_record_shorter_than_the_type_is_reported_and_not_read_again()
    {
        (BpfMapHandle descriptor, BpfSyscallProgram program) = Ring(4096);
        var ring = new BpfRingBuffer<(ulong, ulong, ulong)>(descriptor);
        ulong value = 1;
        program.Run(ref value);
        var error = Assert.Throws<BpfException>(() => ring.Consume((ref readonly (ulong, ulong, ulong) _) => { }));
        Assert.Contains("16 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, ring.Consume((ref readonly (ulong, ulong, ulong) _) => { }));
    }

    [Fact]
    public void Consuming_allocates_nothing()
    {
        (BpfMapHandle descriptor, BpfSyscallProgram program) = Ring(1 << 16);
        var ring = new BpfRingBuffer<(ulong Value, ulong Constant)>(descriptor);
        ulong sum = 0;
        BpfRecordHandler<(ulong Value, ulong Constant)> handler = (ref readonly (ulong Value, ulong Constant) record) => sum += record.Constant;
        ulong value = 1;
        program.Run(ref value);
        ring.Consume(handler);
        for (int i = 0; i < 500; i++)
        {
            program.Run(ref value);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = ring.Consume(handler);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(500, count);
        Assert.Equal(0, allocated);
        Assert.Equal(501ul * 42, sum);
    }

    [Fact]
    [Row("maps", "RINGBUF")]
    [Row("runtime", "ring buffer consumer")]
    public void A_ring_is_read_in_parts_and_has_positions()
    {
        Needs(BpfFeature.RingBuffer);
        BpfMapHandle descriptor = Create(BpfMapType.RingBuf, 0, 0, 4096);
        BpfSyscallProgram program = Load.OnDemand(Code.OutputContext(descriptor));
        using var unload = new Unload(program);
        var ring = new BpfRingBuffer<(ulong Value, ulong Constant)>(descriptor);
        for (ulong i = 0; i < 10; i++)
        {
            ulong value = i;
            program.Run(ref value);
        }

        Assert.Equal(new BpfRingPositions(0, 240), ring.Positions);
        var seen = new List<ulong>();
        BpfRecordHandler<(ulong Value, ulong Constant)> handler = (ref readonly (ulong Value, ulong Constant) record) => seen.Add(record.Value);
        Assert.Equal(3, ring.Consume(handler, 3));
        Assert.Equal([0ul, 1, 2], seen);
        Assert.Equal(168ul, ring.Positions.Available);
        Assert.Equal(7, ring.Consume(handler, 100));
        Assert.Equal(new BpfRingPositions(240, 240), ring.Positions);
        Assert.False(ring.IsOverwriting);
    }

    [Fact]
    [Row("runtime", "overwrite mode (RB_OVERWRITE), avail/positions queries")]
    public void An_overwriting_ring_drops_no_new_record()
    {
        BpfMapHandle descriptor = Create(Absence.OfMapFlag("BPF_F_RB_OVERWRITE"), new BpfMapDefinition("over", BpfMapType.RingBuf, 0, 0, 4096, BpfMapFlags.Overwrite));
        BpfSyscallProgram program = Load.OnDemand(Code.OutputContext(descriptor));
        using var unload = new Unload(program);
        var ring = new BpfRingBuffer(descriptor);
        Assert.True(ring.IsOverwriting);
        for (ulong i = 0; i < 1000; i++)
        {
            ulong value = i;
            Assert.Equal(0, program.Run(ref value));
        }

        Assert.Equal(24_000ul, ring.Positions.Producer);
    }

    [Fact]
    public async Task Records_without_a_wake_up_are_read_too()
    {
        Needs(BpfFeature.RingBuffer);
        Quiet live = Own(Quiet.Open().Load());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        await using IAsyncEnumerator<byte[]> reading = live.Maps.Events.ReadAllAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        for (ulong round = 1; round <= 3; round++)
        {
            ValueTask<bool> next = reading.MoveNextAsync();
            Assert.False(next.IsCompleted);
            Assert.Equal(0, live.Programs.Quiet.Run(0));
            Assert.True(await next);
            Assert.Equal(round, BitConverter.ToUInt64(reading.Current));
        }
    }

    [Fact]
    public void A_handler_that_causes_records_is_not_given_them()
    {
        Needs(BpfFeature.RingBuffer);
        Quiet live = Own(Quiet.Open().Load());
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(0, live.Programs.Quiet.Run(0));
        }

        int caused = 0;
        BpfRecordHandler handler = _ =>
        {
            Assert.True(++caused <= 100, "the reader is given its own records");
            live.Programs.Quiet.Run(0);
        };
        Assert.Equal(5, live.Maps.Events.Consume(handler));
        Assert.Equal(5, live.Maps.Events.Consume(handler));
        Assert.Equal(10, caused);
    }

    private static async Task Read(BpfRingBuffer ring, CancellationToken cancellationToken)
    {
        await foreach (byte[] record in ring.ReadAllAsync(cancellationToken))
        {
            Assert.Equal(RecordSize, record.Length);
        }
    }

    private (BpfMapHandle Ring, BpfSyscallProgram Program) Ring(uint size)
    {
        BpfMapHandle ring = Create(BpfMapType.RingBuf, 0, 0, size);
        BpfSyscallProgram program = Load.OnDemand(Code.OutputContext(ring));
        Own(new Unload(program));
        return (ring, program);
    }
}
