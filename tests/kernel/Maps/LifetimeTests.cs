using System.Diagnostics;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Objects that hold memory, records and locks of the kernel: how they end, what they wait for, and what waits for them.</summary>
public sealed class LifetimeTests : KernelTest
{
    [Fact]
    public void MemoryThatIsDisposedTwiceIsReleasedOnce()
    {
        var array = new BpfArrayMap<ulong>(Create(BpfMapType.Array, 4, 8, 4, MapFlags.Mappable));
        BpfMappedArray<ulong> memory = array.Map();
        BpfMappedSpan<ulong> holder = memory.Use();
        using (BpfMappedSpan<ulong> span = memory.Use())
        {
            BpfMappedSpan<ulong> copy = span;
            span.Dispose();
            copy.Dispose();
        }

        array.Handle.Dispose();
        holder[3] = 5;
        Assert.Equal(5ul, holder.Span[3]);
        holder.Dispose();
        holder.Dispose();
    }

    [Fact]
    public void ARecordThatIsSubmittedThroughACopyArrives()
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
    public void TheLongestRecordIsReadAndAnotherAfterIt()
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

    [Fact]
    public async Task WhatTheKernelTellsNobodyOfIsReadAllTheSame()
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
    public void AHandlerThatCausesRecordsIsNotGivenThem()
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

    [Fact]
    public async Task TypesThatEndUnderTheirReaderAreNoFault()
    {
        Needs(BpfFeature.KernelBtf);
        for (int round = 0; round < 5; round++)
        {
            KernelBtf owner = KernelBtf.Acquire();
            BtfTypes types = owner.Types;
            int started = 0;
            Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                try
                {
                    while (true)
                    {
                        for (int id = 1; id < types.Count; id++)
                        {
                            _ = types[id].NameBytes.Length;
                            Volatile.Write(ref started, id);
                        }
                    }
                }
                catch (ObjectDisposedException)
                {
                    // They have ended.
                }
            }))];
            SpinWait.SpinUntil(() => Volatile.Read(ref started) > 0);
            owner.Dispose();
            await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void ACollectionDoesNotWaitForAMapOfMaps()
    {
        const int Rounds = 40;
        BpfMapHandle pattern = Create(BpfMapType.Array, 4, 8, 1);
        BpfMapHandle outer = Own(MapCreator.Create(Kernel, new BpfMapDefinition("outer", BpfMapType.ArrayOfMaps, 4, 4, 1) { InnerMap = pattern }));
        var maps = new BpfArrayOfMaps<BpfArrayMap<ulong>>(outer, static inner => new(inner));
        var updates = new List<double>();
        bool stop = false;
        var writer = new Thread(() =>
        {
            var inner = new BpfArrayMap<ulong>(pattern);
            while (!Volatile.Read(ref stop))
            {
                long start = Stopwatch.GetTimestamp();
                maps.Set(0, inner);
                updates.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        });
        double alone = Collection();
        writer.Start();
        double beside = Collection();
        Volatile.Write(ref stop, true);
        writer.Join();
        double update = Middle(updates);
        string found = $"an update takes {update:F2} ms, a collection beside it {beside:F2} ms, one alone {alone:F2} ms";
        TestContext.Current.TestOutputHelper?.WriteLine(found);
        Assert.SkipUnless(update > 2, "an update of a map of maps waits for nothing here: a collection that waits for one cannot be told");

        // One that waits takes half an update longer in the middle.
        Assert.True(beside - alone < update / 4, found);

        static double Collection()
        {
            var took = new List<double>();
            for (int round = 0; round < Rounds; round++)
            {
                Thread.Sleep(3);
                long start = Stopwatch.GetTimestamp();
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return Middle(took);
        }

        static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
    }
}
