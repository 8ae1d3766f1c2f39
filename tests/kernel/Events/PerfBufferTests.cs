using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Events;

/// <summary>Perf buffers between programs and here.</summary>
public sealed class PerfBufferTests : MapsInUseTest
{
    // Of a sample of 16 bytes in a perf buffer: its header, its size, the data and padding.
    private const int SampleSize = 8 + 4 + 16 + 4;

    [Fact]
    [Row("runtime", "perf buffer")]
    [Row("maps", "PERF_EVENT_ARRAY")]
    public void Perf_records_arrive_in_order_past_the_end_of_the_buffer()
    {
        (BpfPerfEventArray map, BpfProgram send) = Perf();
        using BpfPerfBuffer buffer = map.OpenBuffer(new BpfPerfBufferOptions { PagesPerCpu = 1 });
        var next = new ulong[1];
        var perCpu = new Dictionary<int, ulong>();
        for (int round = 0; round < 20; round++)
        {
            for (ulong i = 0; i < 50; i++)
            {
                Assert.Equal(0, send.Run(next[0]++));
            }

            int seen = buffer.Consume((cpu, record) =>
            {
                ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(record[..16]);
                Assert.True(!perCpu.TryGetValue(cpu, out ulong last) || words[0] > last);
                perCpu[cpu] = words[0];
                Assert.Equal(42ul, words[1]);
            });
            Assert.Equal(50, seen);
        }

        Assert.Equal(0ul, buffer.Lost);
        Assert.InRange(buffer.CpuCount, 1, PossibleCpus.Current.Count);
        Assert.Throws<ArgumentException>(() => map.OpenBuffer(new BpfPerfBufferOptions { PagesPerCpu = 3 }));
    }

    [Fact]
    [Row("runtime", "lost sample count")]
    public void Lost_records_are_counted() => OnOneCpu(() =>
    {
        (BpfPerfEventArray map, BpfProgram send) = Perf();
        using BpfPerfBuffer buffer = map.OpenBuffer(new BpfPerfBufferOptions { PagesPerCpu = 1 });
        int failed = 0;
        for (ulong i = 0; i < 300; i++)
        {
            failed += send.Run(i) == 0 ? 0 : 1;
        }

        int room = (Environment.SystemPageSize - 1) / SampleSize;
        Assert.Equal(room, buffer.Consume((_, _) => { }));
        Assert.Equal(300 - room, failed);

        // The count comes with the next record that finds room.
        Assert.Equal(0, send.Run(1));
        Assert.Equal(1, buffer.Consume((_, _) => { }));
        Assert.Equal((ulong)failed, buffer.Lost);
        buffer.Pause();
        Assert.NotEqual(0, send.Run(1));
        buffer.Resume();
        Assert.Equal(0, send.Run(1));
        Assert.Equal(1, buffer.Consume((_, _) => { }));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [Row("runtime", "perf buffer")]
    public async Task A_waiting_perf_reader_gets_every_record(int wakeupBytes)
    {
        const ulong Records = 500;
        (BpfPerfEventArray map, BpfProgram send) = Perf();
        using BpfPerfBuffer buffer = map.OpenBuffer(new BpfPerfBufferOptions { WakeupBytes = wakeupBytes });
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        Task writer = Task.Run(async () =>
        {
            for (ulong i = 1; i <= Records; i++)
            {
                send.Run(i);
                if (i % 50 == 0)
                {
                    // Let the reader run dry and wait.
                    await Task.Delay(2);
                }
            }
        }, timeout.Token);
        ulong sum = 0, seen = 0;

        // With a watermark the last few records alone wake nobody; they are read a little later.
        await foreach (BpfPerfRecord record in buffer.ReadAllAsync(timeout.Token))
        {
            sum += BitConverter.ToUInt64(record.Data);
            if (++seen == Records)
            {
                break;
            }
        }

        await writer;
        Assert.Equal(Records * (Records + 1) / 2, sum);
    }

    [Fact]
    public async Task Awaiting_perf_records_ends_with_the_object()
    {
        (BpfPerfEventArray map, _) = Perf();
        BpfPerfBuffer buffer = map.OpenBuffer();
        IAsyncEnumerator<BpfPerfRecord> reading = buffer.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Task<bool> next = reading.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        map.MapHandle.Dispose();
        Assert.False(await next.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await reading.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => buffer.Consume((_, _) => { }));
    }

    [Fact]
    public void Reading_perf_records_allocates_nothing()
    {
        (BpfPerfEventArray map, BpfProgram send) = Perf();
        using BpfPerfBuffer buffer = map.OpenBuffer();
        ulong sum = 0;
        BpfPerfRecordHandler handler = (_, record) => sum += record[8];
        send.Run(1);
        buffer.Consume(handler);
        for (ulong i = 0; i < 100; i++)
        {
            send.Run(i);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        int seen = buffer.Consume(handler);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((100, 101 * 42ul), (seen, sum));
    }

    private (BpfPerfEventArray Map, BpfProgram Send) Perf()
    {
        BpfObject live = Own(Mapsinuse.Open(spec => spec.Object.Map("kept").IsPinnedByName = false).Load().Live);
        return (new BpfPerfEventArray(live.GetMap("perf")), Program(live, "send"));
    }

    // What is sent from one thread must go to one CPU's buffer.
    private static void OnOneCpu(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            ulong first = 1;
            _ = SetAffinity(0, sizeof(ulong), ref first);
            failure = Record.Exception(test);
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    [DllImport("libc", EntryPoint = "sched_setaffinity")]
    private static extern int SetAffinity(int thread, nint size, ref ulong mask);
}
