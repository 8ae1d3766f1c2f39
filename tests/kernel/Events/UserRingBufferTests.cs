namespace Hypermesh.Bpf.Tests.Kernel.Events;

/// <summary>Records on their way to a program.</summary>
public sealed class UserRingBufferTests : KernelTest
{
    [Fact]
    [Row("maps", "USER_RINGBUF")]
    [Row("runtime", "user ring buffer")]
    public void A_program_drains_what_we_write()
    {
        Userring live = Own(OrSkip(Absence.OfMapType(BpfMapType.UserRingBuf), static () => Userring.Open().Load()));
        BpfUserRingBuffer ring = live.Maps.Orders;
        BpfProgram drain = live.Programs.Drain;
        int written = 0;
        for (ulong i = 1; i <= 300; i++)
        {
            written += ring.TryWrite(i) ? 1 : 0;
        }

        // A header of 8 bytes and a value of 8 each.
        Assert.Equal(4096 / 16, written);
        Assert.False(ring.TryReserve(8, TimeSpan.FromMilliseconds(20), out _));
        Assert.Equal(256, drain.Run(0));
        Assert.Equal(256ul * 257 / 2, live.Globals.Sum);

        Assert.True(ring.TryReserve(8, out BpfUserRecord record));
        record.Data.Fill(1);
        record.Dispose();
        Assert.True(ring.TryReserve(100, out BpfUserRecord second));
        second.Data.Clear();
        second.Data[0] = 7;
        second.Submit();
        live.Globals.Sum = 0;
        Assert.Equal(1, drain.Run(0));
        Assert.Equal(7ul, live.Globals.Sum);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.TryReserve(4096, out _));

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool placed = ring.TryWrite(5ul);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(placed);
        drain.Run(0);
    }

    [Fact]
    [Row("runtime", "user ring buffer")]
    public async Task A_writer_waits_for_room()
    {
        Userring live = Own(OrSkip(Absence.OfMapType(BpfMapType.UserRingBuf), static () => Userring.Open().Load()));
        while (live.Maps.Orders.TryWrite(1ul))
        {
        }

        Task<bool> waiting = Task.Run(
            () =>
            {
                bool reserved = live.Maps.Orders.TryReserve(8, TimeSpan.FromSeconds(20), out BpfUserRecord record);
                if (reserved)
                {
                    record.Submit();
                }

                return reserved;
            },
            TestContext.Current.CancellationToken);
        await Task.Delay(30, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        live.Programs.Drain.Run(0);
        Assert.True(await waiting);
    }

    [Fact]
    public void A_record_that_is_submitted_through_a_copy_arrives()
    {
        Userring live = Own(OrSkip(Absence.OfMapType(BpfMapType.UserRingBuf), static () => Userring.Open().Load()));
        for (int i = 0; i < 3; i++)
        {
            Assert.True(live.Maps.Orders.TryReserve(8, out BpfUserRecord reserved));
            using BpfUserRecord record = reserved;
            BitConverter.TryWriteBytes(record.Data, 11ul);
            Submit(record);
        }

        Assert.Equal(3, live.Programs.Drain.Run(0));
        Assert.Equal(33ul, live.Globals.Sum);

        static void Submit(BpfUserRecord taken) => taken.Submit();
    }

    [Fact]
    public void The_longest_record_is_read_and_another_after_it()
    {
        const int Longest = (1 << 24) - 1;
        Userring.Spec spec = Userring.Open();
        spec.Object.Map("orders").MaxEntries = 32 << 20;
        Userring live = Own(OrSkip(Absence.OfMapType(BpfMapType.UserRingBuf), () => spec.Load()));
        BpfUserRingBuffer ring = live.Maps.Orders;
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.TryReserve(Longest + 1, out _));
        Assert.True(ring.TryReserve(Longest, out BpfUserRecord record));
        BitConverter.TryWriteBytes(record.Data, 40ul);
        record.Submit();
        Assert.True(ring.TryWrite(2ul));
        Assert.Equal(2, live.Programs.Drain.Run(0));
        Assert.Equal(42ul, live.Globals.Sum);
    }
}
