using System.Diagnostics;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Maps that hold memory and locks of the kernel: how they end, what they wait for, and what waits for them.</summary>
public sealed class LifetimeTests : KernelTest
{
    [Fact]
    public void Memory_that_is_disposed_twice_is_released_once()
    {
        var array = new BpfArrayMap<ulong>(Create(BpfMapType.Array, 4, 8, 4, BpfMapFlags.Mappable));
        BpfMappedArray<ulong> memory = array.Map();
        BpfMappedSpan<ulong> holder = memory.Use();
        using (BpfMappedSpan<ulong> span = memory.Use())
        {
            BpfMappedSpan<ulong> copy = span;
            span.Dispose();
            copy.Dispose();
        }

        array.MapHandle.Dispose();
        holder[3] = 5;
        Assert.Equal(5ul, holder.Span[3]);
        holder.Dispose();
        holder.Dispose();
    }

    [Fact]
    public void A_garbage_collection_does_not_wait_for_a_map_of_maps()
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

        // Where nothing else of the kernel runs, an update waits for less than a collection varies by: then it waits for this program.
        SlowReader? slow = KernelFacts.Has(BpfFeature.LoopHelper) ? Own(SlowReader.Open().Load()) : null;
        var reader = new Thread(() =>
        {
            byte[] packet = new byte[64];
            while (!Volatile.Read(ref stop))
            {
                slow!.Programs.ReadSlowly.TestRun(packet);
            }
        });
        if (slow is not null)
        {
            reader.Start();
        }

        double alone = Collection();
        writer.Start();
        double beside = Collection();
        Volatile.Write(ref stop, true);
        writer.Join();
        if (slow is not null)
        {
            reader.Join();
        }

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
