using System.Runtime.InteropServices;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Maps;

/// <summary>Structs that hold a reference: however they are copied and disposed, the reference is released once, and references of others stay.</summary>
public sealed class LeaseTests
{
    private readonly ScriptedKernel _kernel = new();
    private readonly BpfMapHandle _map;

    public LeaseTests()
        => _map = new BpfMapHandle(_kernel, new BpfMapDefinition("a", BpfMapType.Array, 4, 8, 4, (uint)MapFlags.Mappable), _kernel.NewHandle(), "obj");

    [Fact]
    public void A_span_that_is_disposed_twice_releases_once()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        using (BpfMappedSpan<ulong> span = array.Use())
        {
            span[1] = 5;
            span.Dispose();
            span.Dispose();
        }

        Assert.Equal(5ul, array[1]);
        _map.Dispose();
        AssertReleased();
        Assert.Equal("map a of obj", Assert.Throws<ObjectDisposedException>(() => array[1]).ObjectName);
    }

    [Fact]
    public void Another_holder_keeps_its_memory()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        BpfMappedSpan<ulong> holder = array.Use();
        BpfMappedSpan<ulong> span = array.Use();
        BpfMappedSpan<ulong> copy = span;
        span.Dispose();
        copy.Dispose();
        Pass(copy);
        span.Dispose();
        _map.Dispose();
        Assert.Equal(1, _kernel.Mapped);
        holder[3] = 7;
        Assert.Equal(7ul, holder.Span[3]);
        holder.Dispose();
        AssertReleased();

        static void Pass(BpfMappedSpan<ulong> taken) => taken.Dispose();
    }

    [Fact]
    public void A_copy_does_not_reach_the_memory_after_the_end()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        BpfMappedSpan<ulong> span = array.Use();
        BpfMappedSpan<ulong> copy = span;
        copy.Dispose();
        AssertEnded(span);
        AssertEnded(copy);
        AssertEnded(default);
        default(BpfMappedSpan<ulong>).Dispose();

        // The next use has the same lease under another number.
        BpfMappedSpan<ulong> next = array.Use();
        span.Dispose();
        copy.Dispose();
        AssertEnded(span);
        _map.Dispose();
        next[0] = 1;
        next.Dispose();
        AssertReleased();

        static void AssertEnded(BpfMappedSpan<ulong> ended)
        {
            bool first = false, second = false;
            try
            {
                _ = ended.Span;
            }
            catch (ObjectDisposedException)
            {
                first = true;
            }

            try
            {
                _ = ended.Length == 0 ? ended.Span[0] : ended[0];
            }
            catch (ObjectDisposedException)
            {
                second = true;
            }

            Assert.True(first && second, "a span was given out after its end");
        }
    }

    [Fact]
    public void Uses_that_are_nested_end_in_any_order()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        BpfMappedSpan<ulong> a = array.Use();
        BpfMappedSpan<ulong> b = array.Use();
        BpfMappedSpan<ulong> c = array.Use();
        b.Dispose();
        BpfMappedSpan<ulong> d = array.Use();
        a.Dispose();
        b.Dispose();
        a.Dispose();
        d[0] = 4;
        Assert.Equal(4ul, c[0]);
        c.Dispose();
        _map.Dispose();
        Assert.Equal(1, _kernel.Mapped);
        d.Dispose();
        AssertReleased();
    }

    [Fact]
    public void Descriptors_in_use_are_released_once()
    {
        HandleUse holder = _map.Use();
        HandleUse use = _map.Use();
        HandleUse copy = use;
        use.Dispose();
        copy.Dispose();
        var other = new SafeHandleUse(_map.Handle);
        SafeHandleUse otherCopy = other;
        other.Dispose();
        otherCopy.Dispose();
        _map.Dispose();
        Assert.Single(_kernel.OpenDescriptors);
        Assert.Equal(100, holder.Descriptor);
        holder.Dispose();
        holder.Dispose();
        AssertReleased();
        Assert.Equal(-1, default(HandleUse).Descriptor);
        default(HandleUse).Dispose();
    }

    [Fact]
    public void Using_memory_allocates_nothing()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        Use(array);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Use(array);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        _map.Dispose();
        AssertReleased();

        static void Use(BpfMappedArray<ulong> array)
        {
            using BpfMappedSpan<ulong> outer = array.Use();
            using BpfMappedSpan<ulong> inner = array.Use();
            outer[0] = inner[1] + array[2];
            inner.Dispose();
        }
    }

    [Fact]
    public async Task Threads_that_use_a_mapping_as_it_ends_read_it_or_are_told()
    {
        for (int round = 0; round < 20; round++)
        {
            var map = new BpfMapHandle(_kernel, _map.Definition, _kernel.NewHandle(), "obj");
            BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(map).Map();
            int started = 0;
            Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                Interlocked.Increment(ref started);
                try
                {
                    while (true)
                    {
                        using BpfMappedSpan<ulong> span = array.Use();
                        span[0]++;
                        span.Dispose();
                        array[1] = array[0];
                    }
                }
                catch (ObjectDisposedException)
                {
                    // It has ended.
                }
            }))];
            SpinWait.SpinUntil(() => Volatile.Read(ref started) == readers.Length);
            map.Dispose();
            await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        _map.Dispose();
        AssertReleased();
    }

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
    public void A_record_that_never_fits_is_refused(int ringSize, int longest, int tooLong)
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
    public void A_writer_finds_the_room_the_kernel_told_it_nothing_of()
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

    private void AssertReleased()
    {
        Assert.Equal(0, _kernel.Mapped);
        Assert.Empty(_kernel.OpenDescriptors);
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
