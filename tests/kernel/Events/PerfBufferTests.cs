using System.Runtime.InteropServices;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Events;

/// <summary>Buffers between programs and here beyond the ring buffer: perf buffers, user ring buffers, arenas, one CPU's value.</summary>
public sealed class BufferTests : KernelTest
{
    // Of a sample of 16 bytes in a perf buffer: its header, its size, the data and padding.
    private const int SampleSize = 8 + 4 + 16 + 4;

    [Fact]
    [Row("runtime", "perf buffer")]
    [Row("maps", "PERF_EVENT_ARRAY")]
    public void PerfRecordsArriveInOrderPastTheEndOfTheBuffer()
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
    public void LostRecordsAreCounted() => OnOneCpu(() =>
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
    public async Task AWaitingPerfReaderGetsEveryRecord(int wakeupBytes)
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
    public async Task AwaitingPerfRecordsEndsWithTheObject()
    {
        (BpfPerfEventArray map, _) = Perf();
        BpfPerfBuffer buffer = map.OpenBuffer();
        IAsyncEnumerator<BpfPerfRecord> reading = buffer.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Task<bool> next = reading.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        map.Handle.Dispose();
        Assert.False(await next.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await reading.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => buffer.Consume((_, _) => { }));
    }

    [Fact]
    public void ReadingPerfRecordsAllocatesNothing()
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

    [Fact]
    [Row("maps", "USER_RINGBUF")]
    [Row("runtime", "user ring buffer")]
    public void AProgramDrainsWhatWeWrite()
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
    public async Task AWriterWaitsForRoom()
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
    [Row("maps", "RINGBUF")]
    [Row("runtime", "ring buffer consumer")]
    public void ARingIsReadInPartsAndSaysHowFarItIs()
    {
        Needs(BpfFeature.RingBuffer);
        BpfMapHandle descriptor = Create(BpfMapType.RingBuf, 0, 0, 4096);
        BpfSyscallProgram program = Support.Load.OnDemand(Code.OutputContext(descriptor));
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
    public void AnOverwritingRingDropsNothingNew()
    {
        BpfMapHandle descriptor = Create(Absence.OfMapFlag("BPF_F_RB_OVERWRITE"), new BpfMapDefinition("over", BpfMapType.RingBuf, 0, 0, 4096, (uint)MapFlags.Overwrite));
        BpfSyscallProgram program = Support.Load.OnDemand(Code.OutputContext(descriptor));
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
    [Row("maps", "ARENA (mmap, globals, __arena pointers)")]
    [Row("externs", "arena globals (.addr_space.1)")]
    [Row("sections", ".addr_space.1 (arena globals)")]
    public void AnArenaIsSharedAndHoldsGlobals()
    {
        Shared.Spec spec = Shared.Open();
        Assert.SkipUnless(spec.Globals.HasArenaSection, "clang before 19 has no section for an arena's variables");
        int place = spec.Object.DataSection(".addr_space.1").FindVariable("place")!.Offset;
        int counter = spec.Object.DataSection(".addr_space.1").FindVariable("counter")!.Offset;
        Shared live = Own(OrSkip(Absence.OfMapType(BpfMapType.Arena), () => spec.Load()));
        BpfArena arena = live.Maps.Memory;
        ulong context = 5;
        Assert.Equal(12, live.Programs.Add.Run(ref context));
        Assert.Equal(12ul, live.Live.GetSection(".addr_space.1").Read<ulong>(counter));

        // A pointer of ours, which the program follows.
        arena.Write(4096, 41ul);
        live.Live.GetSection(".addr_space.1").Write(place, arena.Address + 4096);
        live.Programs.Add.Run(ref context);
        Assert.Equal(42ul, arena.Read<ulong>(4096));
        Assert.Equal(4096, arena.OffsetOf(new KernelPointer(arena.Address + 4096)));
        using (BpfMappedSpan<ulong> part = arena.Use<ulong>(4096, 2))
        {
            Assert.Equal(42ul, part.Span[0]);
        }

        Assert.Equal(16 * Environment.SystemPageSize, arena.Size);
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.Read<ulong>(arena.Size - 4));
        live.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.Read<ulong>(0));
    }

    [Fact]
    [Row("maps", "F_CPU / F_ALL_CPUS update flags (one CPU)")]
    public void OneCpuHasItsValueAlone()
    {
        Needs(BpfFeature.PerCpuFlags);
        var array = new BpfPerCpuArrayMap<uint>(Create(BpfMapType.PerCpuArray, 4, 4, 2));
        var hash = new BpfPerCpuHashMap<uint, uint>(Create(BpfMapType.PerCpuHash, 4, 4, 2));
        int last = PossibleCpus.Current.Numbers[^1];
        array.SetAllCpus(1, 7);
        array.SetOneCpu(1, last, 9);
        hash.SetAllCpus(5, 7);
        hash.SetOneCpu(5, last, 9);
        uint sum = (uint)(7 * (PossibleCpus.Current.Count - 1)) + 9;
        Assert.Equal((sum, sum), (array[1].Sum(), hash[5].Sum()));
        Assert.True(array.TryGetOneCpu(1, last, out uint one));
        Assert.True(hash.TryGetOneCpu(5, last, out uint other));
        Assert.Equal((9u, 9u), (one, other));
        Assert.False(hash.TryGetOneCpu(6, last, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => array.SetOneCpu(1, 9999, 1));
    }

    [Fact]
    [Row("maps", "per-CPU value handling (8-byte rounded, possible CPUs)")]
    public void ThereIsAValueForEachPossibleCpuHoweverManyAreOnline()
    {
        string list = File.ReadAllText("/sys/devices/system/cpu/possible").Trim();
        var map = new BpfPerCpuArrayMap<Odd>(Create(BpfMapType.PerCpuArray, 4, 12, 1));
        PerCpu<Odd> values = map[0];
        foreach (int cpu in PossibleCpus.Current.Numbers)
        {
            values.Set(cpu, new Odd((uint)cpu, 2, 3));
        }

        map[0] = values;
        Assert.Equal(PossibleCpus.Current.Count, values.CpuCount);
        Assert.Equal(PossibleCpus.Parse(list).Count, values.CpuCount);
        Assert.True(values.CpuCount >= Environment.ProcessorCount);
        Assert.All(PossibleCpus.Current.Numbers.ToArray(), cpu => Assert.Equal(new Odd((uint)cpu, 2, 3), map[0][cpu]));
    }

    [Fact]
    [Row("maps", "unknown map type tolerated")]
    public void AMapOfAnUnknownKindIsHandedOn()
    {
        BpfMapHandle map = Create(BpfMapType.Hash, 4, 4, 1);
        var untyped = new BpfUntypedMap(map);
        Assert.Equal((4, 4, 1L), (untyped.KeySize, untyped.ValueSize, untyped.MaxEntries));
        var error = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(Kernel, new BpfMapDefinition("later", (BpfMapType)999, 4, 4, 1)));
        Assert.Contains("later (999", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("maps", "auto sizing: RINGBUF rounded to page, PERF_EVENT_ARRAY to CPU count")]
    public void SizesAreWhatTheKernelTakes()
    {
        Assert.Equal(8192u, ObjectInfo.Map(Create(BpfMapType.RingBuf, 0, 0, 5000).Created).MaxEntries);
        Assert.Equal((uint)PossibleCpus.Current.Count, ObjectInfo.Map(Create(BpfMapType.PerfEventArray, 4, 4, 0).Created).MaxEntries);
    }

    private record struct Odd(uint A, uint B, uint C);

    private (BpfPerfEventArray Map, BpfProgram Send) Perf()
    {
        BpfObject live = Own(Mapsinuse.Open(spec => spec.Object.Map("kept").IsPinnedByName = false).Load().Live);
        return (new BpfPerfEventArray(live.GetMap("perf")), ProgramMapTests.Program(live, "send"));
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
