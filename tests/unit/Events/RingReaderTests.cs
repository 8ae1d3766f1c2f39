using Hypermesh.Bpf.Events.RingBuffer;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Events;

public sealed class RingReaderTests : IDisposable
{
    private const int Size = 4096;

    private readonly ScriptedKernel _kernel = new();
    private readonly FakeRing _memory;
    private readonly BpfRingBuffer _ring;

    public RingReaderTests()
    {
        _memory = new FakeRing(_kernel, Size);
        _ring = new BpfRingBuffer(_memory.Map);
    }

    public void Dispose()
    {
        _memory.Dispose();
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }

    [Fact]
    public void A_record_over_the_end_is_in_one_piece()
    {
        byte[] record = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        for (int i = 0; i < 50; i++)
        {
            _memory.Produce(record);
            Assert.Equal(1, _ring.Consume(bytes => Assert.Equal(record, bytes.ToArray())));
        }

        Assert.Equal(50ul * 1008, _memory.ConsumerPosition);
    }

    [Fact]
    public void A_discarded_record_is_skipped()
    {
        _memory.Produce([1], FakeRing.Discarded);
        _memory.Produce([2]);
        _memory.Produce([3, 3, 3], FakeRing.Discarded);
        var seen = new List<byte>();
        Assert.Equal(1, _ring.Consume(record => seen.Add(record[0])));
        Assert.Equal([2], seen);
        Assert.Equal(_memory.ProducerPosition, _memory.ConsumerPosition);
    }

    [Fact]
    public void A_busy_record_holds_back_those_after_it()
    {
        _memory.Produce([1]);
        ulong busy = _memory.Produce([2], FakeRing.Busy);
        _memory.Produce([3]);
        var seen = new List<byte>();
        Assert.Equal(1, _ring.Consume(record => seen.Add(record[0])));
        Assert.Equal(busy, _memory.ConsumerPosition);
        Assert.Equal(0, _ring.Consume(record => seen.Add(record[0])));
        _memory.SetHeader(busy, 1);
        Assert.Equal(2, _ring.Consume(record => seen.Add(record[0])));
        Assert.Equal([1, 2, 3], seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Records_that_arrive_while_reading_are_for_the_next_read(int there)
    {
        for (int i = 0; i < there; i++)
        {
            _memory.Produce([0]);
        }

        // Each record causes another: without a bound, reading would never end.
        int caused = 0;
        BpfRecordHandler handler = _ =>
        {
            Assert.True(++caused <= 100, "the reader is given its own records");
            _memory.Produce([1]);
        };
        Assert.Equal(there, _ring.Consume(handler));
        Assert.Equal(there, _ring.Consume(handler));
        Assert.Equal(there, _ring.Consume(handler, 100));
        Assert.Equal(3 * there, caused);
        Assert.Equal((ulong)there * 16, _ring.Positions.Available);
    }

    [Fact]
    public void A_record_that_is_finished_while_reading_is_read_within_the_bound()
    {
        _memory.Produce([1]);
        ulong busy = _memory.Produce([2], FakeRing.Busy);
        var seen = new List<byte>();
        Assert.Equal(2, _ring.Consume(record =>
        {
            seen.Add(record[0]);
            if (record[0] == 1)
            {
                _memory.SetHeader(busy, 1);
                _memory.Produce([3]);
            }
        }));
        Assert.Equal([1, 2], seen);
    }

    [Fact]
    public async Task Records_without_a_wake_up_are_read_too()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        await using IAsyncEnumerator<byte[]> reading = _ring.ReadAllAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        for (byte round = 1; round <= 3; round++)
        {
            // A discarded record at the reader's place with BPF_RB_NO_WAKEUP, then a plain one: the kernel compares that one's place with the reader's, and wakes nobody.
            ValueTask<bool> next = reading.MoveNextAsync();
            Assert.False(next.IsCompleted);
            _memory.Produce([9], FakeRing.Discarded);
            _memory.Produce([round]);
            Assert.True(await next);
            Assert.Equal(round, reading.Current[0]);
        }
    }

    // The producer writes over what it was given back: a record has to be copied first.
    [Fact]
    public void Room_is_returned_after_the_record_was_copied()
    {
        for (int i = 0; i < 30; i++)
        {
            _memory.Produce(new byte[100]);
        }

        RingReader ring = RingReader.Of(_memory.Map);
        ring.Claim();
        using RingCursor cursor = ring.OpenCursor();
        PlaceSink sink = new(_memory);
        ulong read = 0;
        while (cursor.TryTake(ref sink))
        {
            Assert.True(sink.Given <= read, $"The record at {read} was taken when {sink.Given} bytes had been given back.");

            // A sixteenth of the ring is held back at most, and the record itself.
            Assert.InRange(read - sink.Given, 0ul, (_memory.Map.MaxEntries / 16ul) + 112);
            read += 112;
        }

        Assert.Equal((30 * 112ul, 30 * 112ul), (read, _memory.ConsumerPosition));
    }

    [Fact]
    public void While_a_backlog_is_read_room_is_given_back_in_parts()
    {
        for (int i = 0; i < 30; i++)
        {
            _memory.Produce(new byte[100]);
        }

        ulong read = 0;
        int count = _ring.Consume(_ =>
        {
            Assert.InRange(read - _memory.ConsumerPosition, 0ul, (_memory.Map.MaxEntries / 16ul) + 112);
            read += 112;
        });

        Assert.Equal((30, 30 * 112ul), (count, _memory.ConsumerPosition));
    }

    [Fact]
    public void A_backlog_is_read_whole_and_in_order_over_the_end()
    {
        byte next = 0;
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 30; i++)
            {
                _memory.Produce([.. Enumerable.Repeat((byte)((round * 30) + i), 100)]);
            }

            Assert.Equal(30, _ring.Consume(record => Assert.Equal((next++, 100), (record[^1], record.Length))));
            Assert.Equal(_memory.ProducerPosition, _memory.ConsumerPosition);
        }
    }

    [Fact]
    public void An_empty_record_is_a_record()
    {
        _memory.Produce([]);
        Assert.Equal(1, _ring.Consume(record => Assert.True(record.IsEmpty)));
    }

    [Fact]
    public void A_record_whose_handler_throws_is_consumed()
    {
        _memory.Produce([1]);
        _memory.Produce([2]);
        Assert.Throws<InvalidOperationException>(() => _ring.Consume(_ => throw new InvalidOperationException()));
        Assert.Equal(1, _ring.Consume(record => Assert.Equal(2, record[0])));
    }

    [Fact]
    public void A_second_reader_is_rejected()
    {
        _memory.Produce([1]);
        var other = new BpfRingBuffer<byte>(_memory.Map);
        Assert.Equal(1, _ring.Consume(_ => Assert.Contains("already", Assert.Throws<BpfException>(() => other.Consume((ref readonly byte _) => { })).Message, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_ring_can_be_closed_while_it_is_read()
    {
        _memory.Produce([1]);
        _memory.Produce([2]);
        var seen = new List<byte>();
        _ring.Consume(record =>
        {
            _memory.Map.Dispose();
            seen.Add(record[0]);
        });
        Assert.Equal([1, 2], seen);
        Assert.Throws<ObjectDisposedException>(() => _ring.Consume(_ => { }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-4)]
    [InlineData(-22)]
    public async Task A_wake_ends_the_wait_and_disposal_ends_the_reading(long firstWait)
    {
        _kernel.Answer("epoll_wait", firstWait);
        var seen = new List<byte>();
        Task reading = Task.Run(async () =>
        {
            await foreach (byte[] record in _ring.ReadAllAsync())
            {
                seen.Add(record[0]);
            }
        }, TestContext.Current.CancellationToken);
        while (!_kernel.HasSeen("epoll_ctl"))
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        _memory.Produce([5]);
        _kernel.Wake(1);
        while (_memory.ConsumerPosition == 0)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        _memory.Map.Dispose();
        await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal([5], seen);
    }

    [Theory]
    [InlineData("epoll_create1")]
    [InlineData("eventfd")]
    [InlineData("epoll_ctl")]
    [InlineData("mmap")]
    public async Task A_wait_that_cannot_begin_is_an_error_and_leaves_nothing_open(string call)
    {
        _kernel.Answer(call, -12);
        var error = await Assert.ThrowsAsync<BpfSyscallException>(async () =>
        {
            await foreach (byte[] _ in _ring.ReadAllAsync(TestContext.Current.CancellationToken))
            {
            }
        });
        Assert.Equal(12, error.Errno);
        Assert.Equal(call, error.Operation);

        // The claim was given back.
        Assert.Equal(0, _ring.Consume(_ => { }));
    }

    // Notes how much the producer had been given back when a record was taken.
    private struct PlaceSink(FakeRing memory) : IRecordSink
    {
        public ulong Given { get; private set; }

        public void Take(BpfMapHandle ring, ReadOnlySpan<byte> record) => Given = memory.ConsumerPosition;
    }
}
