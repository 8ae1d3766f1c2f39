using System.Runtime.InteropServices;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Events;

/// <summary>Records on their way to a program: each is given to it once, however it is copied, and room is found where the kernel says nothing.</summary>
public sealed class UserRingBufferTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void A_record_that_was_submitted_through_a_copy_is_not_discarded()
    {
        using var memory = new FakeUserRing(_kernel, 4096);
        var ring = new BpfUserRingBuffer(memory.Map);
        Assert.True(ring.TryReserve(8, out BpfUserRecord reserved));
        using (BpfUserRecord record = reserved)
        {
            record.Data.Fill(7);
            SubmitTaken(record);
            AssertGone(record);
        }

        Assert.Equal(8u, memory.HeaderAt(0));
        AssertGone(reserved);

        // What comes after it has the same lease.
        Assert.True(ring.TryReserve(16, out BpfUserRecord next));
        reserved.Dispose();
        AssertGone(reserved);
        Assert.Equal(FakeRing.Busy | 16u, memory.HeaderAt(16));
        BpfUserRecord copy = next;
        copy.Dispose();
        next.Dispose();
        AssertGone(next);
        Assert.Equal(FakeRing.Discarded | 16u, memory.HeaderAt(16));
        Assert.Equal(8u, memory.HeaderAt(0));
        default(BpfUserRecord).Dispose();
        Assert.True(default(BpfUserRecord).Data.IsEmpty);

        static void SubmitTaken(BpfUserRecord taken) => taken.Submit();

        static void AssertGone(BpfUserRecord gone)
        {
            bool submits = true, shows = true;
            try
            {
                gone.Submit();
            }
            catch (InvalidOperationException)
            {
                submits = false;
            }

            try
            {
                _ = gone.Data;
            }
            catch (ObjectDisposedException)
            {
                shows = false;
            }

            Assert.False(submits || shows, "a record was given away twice");
        }
    }

    [Theory]
    [InlineData(4096, 4088, 4089)]
    [InlineData(8 << 20, (8 << 20) - 8, (8 << 20) - 7)]
    [InlineData(16 << 20, (16 << 20) - 8, (16 << 20) - 7)]
    [InlineData(32 << 20, (16 << 20) - 1, 16 << 20)]
    [InlineData(32 << 20, (16 << 20) - 1, (32 << 20) - 8)]
    public void A_record_that_never_fits_is_rejected(int ringSize, int longest, int tooLong)
    {
        using var memory = new FakeUserRing(_kernel, ringSize);
        var ring = new BpfUserRingBuffer(memory.Map);
        foreach (int size in (int[])[tooLong, int.MaxValue, int.MaxValue - 7, -1, int.MinValue])
        {
            Assert.Contains($"{longest} bytes", Assert.Throws<ArgumentOutOfRangeException>(() => ring.TryReserve(size, out _)).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>(() => ring.TryReserve(size, TimeSpan.FromSeconds(20), out _));
        }

        Assert.Equal(0ul, memory.ProducerPosition);
        Assert.True(ring.TryReserve(longest, out BpfUserRecord record));
        Assert.Equal(longest, record.Data.Length);
        record.Submit();
        Assert.Equal((uint)longest, memory.HeaderAt(0));
        Assert.Equal(((ulong)longest + 15) & ~7ul, memory.ProducerPosition);
    }

    [Fact]
    public void A_writer_finds_room_without_a_wake_up()
    {
        using var memory = new FakeUserRing(_kernel, 4096);
        var ring = new BpfUserRingBuffer(memory.Map);
        Assert.True(ring.TryReserve(4088, out BpfUserRecord first));
        first.Submit();
        Assert.False(ring.TryReserve(8, TimeSpan.FromMilliseconds(1), out _));

        // Programs that drain with BPF_RB_NO_WAKEUP make room and wake nobody: the wait is over without an answer, and the writer looks again.
        _kernel.OnCall = call =>
        {
            if (call != "poll")
            {
                return null;
            }

            memory.ConsumerPosition = 4096;
            return 0;
        };
        Assert.True(ring.TryReserve(8, TimeSpan.FromSeconds(30), out BpfUserRecord second));
        second.Submit();
    }

    /// <summary>A user ring's memory as the kernel lays it out; untouched pages take no memory.</summary>
    private sealed unsafe class FakeUserRing : IDisposable
    {
        private readonly byte* _consumer = (byte*)NativeMemory.AllocZeroed((nuint)Environment.SystemPageSize);
        private readonly byte* _producer;

        internal FakeUserRing(ScriptedKernel kernel, int size)
        {
            _producer = (byte*)NativeMemory.AllocZeroed((nuint)Environment.SystemPageSize + (2 * (nuint)size));
            kernel.Memory.Enqueue((nint)_consumer);
            kernel.Memory.Enqueue((nint)_producer);
            Map = new BpfMapHandle(kernel, new BpfMapDefinition("orders", BpfMapType.UserRingBuf, 0, 0, (uint)size), kernel.NewHandle());
        }

        internal BpfMapHandle Map { get; }

        internal ulong ProducerPosition => *(ulong*)_producer;

        internal ulong ConsumerPosition
        {
            set => Volatile.Write(ref *(ulong*)_consumer, value);
        }

        internal uint HeaderAt(int place) => *(uint*)(_producer + Environment.SystemPageSize + place);

        public void Dispose()
        {
            Map.Dispose();
            NativeMemory.Free(_consumer);
            NativeMemory.Free(_producer);
        }
    }
}
