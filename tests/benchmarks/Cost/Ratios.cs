using System.Diagnostics;
using System.Globalization;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// The benchmarks against libbpf once more, by turns in short rounds: what else the machine does falls on both, and the least of many rounds is free of it.
/// For machines that are never quiet.
/// </summary>
internal static class Ratios
{
    private const int Warmup = 60;

    // 36 kB, 360 kB and 1.4 MB of ring.
    private static readonly int[] s_records = [500, 5_000, 20_000];

    internal static int Run(int rounds)
    {
        var ring = new RingBenchmarks();
        var map = new MapBenchmarks();
        ring.Setup();
        map.Setup();
        try
        {
            Console.WriteLine($"{"",-34}{"ours us",12}{"libbpf us",12}{"least",8}{"middle",8}{"bytes",8}");
            Compare("ring, at once", rounds, ring.Fill, () => ring.OurDrain(), () => ring.ReferenceDrain());
            foreach (int records in s_records)
            {
                // What a drain costs beside the records themselves shows where they are in the nearest cache.
                ring.Records = records;
                Compare($"ring, at once, {records:N0} records", rounds, ring.Fill, () => ring.OurDrain(), () => ring.ReferenceDrain());
            }

            ring.Records = RingBenchmarks.AtOnce;
            Compare("ring, at once, managed callback", rounds, ring.Fill, () => ring.OurDrain(), () => ring.ReferenceManagedDrain());
            Compare("ring, awaited over at once (ours)", rounds, ring.FillAwaited, () => ring.OurAwaitedDrain(), ring.Fill, () => ring.OurDrain());
            Compare("ring, live", Math.Max(rounds / 10, 1), static () => { }, () => ring.OurLive(), () => ring.ReferenceLive());
            Func<ulong> ourLookup = map.OurLookup, referenceLookup = map.ReferenceLookup;
            Compare("look-up, 1,000", rounds, static () => { }, () => Repeat(ourLookup), () => Repeat(referenceLookup));
            Compare("batch of 10,000", rounds, static () => { }, () => map.OurBatch(), () => map.ReferenceBatch());
            return 0;
        }
        finally
        {
            ring.Cleanup();
            map.Cleanup();
        }
    }

    private static void Compare(string what, int rounds, Action prepare, Action ours, Action reference) => Compare(what, rounds, prepare, ours, prepare, reference);

    private static void Compare(string what, int rounds, Action prepare, Action ours, Action prepareReference, Action reference)
    {
        for (int round = 0; round < Math.Min(Warmup, rounds); round++)
        {
            Time(prepare, ours);
            Time(prepareReference, reference);
        }

        // What was warmed up is compiled beside us.
        Thread.Sleep(500);
        var our = new double[rounds];
        var their = new double[rounds];
        var ratio = new double[rounds];
        long allocated = 0;
        for (int round = 0; round < rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            our[round] = Time(prepare, ours);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            their[round] = Time(prepareReference, reference);
            ratio[round] = our[round] / their[round];
        }

        Array.Sort(ratio);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-34}{our.Min(),12:F1}{their.Min(),12:F1}{our.Min() / their.Min(),8:F2}{ratio[rounds / 2],8:F2}{allocated / rounds,8}"));
    }

    private static double Time(Action prepare, Action action)
    {
        prepare();
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static void Repeat(Func<ulong> action)
    {
        for (int i = 0; i < 1000; i++)
        {
            action();
        }
    }
}
