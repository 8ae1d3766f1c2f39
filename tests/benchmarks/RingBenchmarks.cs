using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Hypermesh.Bpf.Benchmarks.Reference;

namespace Hypermesh.Bpf.Benchmarks;

/// <summary>Reading records of 64 bytes from a ring buffer: all at once, and while they are produced.</summary>
[Config(typeof(RatioConfig))]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public unsafe class RingBenchmarks
{
    internal const int AtOnce = 50_000;
    private const int Live = 400_000;
    private Bench _live = null!;
    private Bench _awaited = null!;
    private IAsyncEnumerator<Bench.Record> _reader = null!;
    private BpfRecordHandler<Bench.Record> _add = null!;
    private nint _ring;
    private nint _managedRing;
    private ulong* _managedSum;
    private ulong _sum;

    /// <summary>How many records are drained at once: 72 bytes each, with their headers.</summary>
    internal int Records { get; set; } = AtOnce;

    /// <summary>Loads the program. Each reader has its own object: a ring has one reader.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _live = Bench.Open().Load();
        _awaited = Bench.Open().Load();
        _reader = _awaited.Maps.Records.ReadAllAsync().GetAsyncEnumerator();
        _add = (ref readonly Bench.Record record) => _sum += record.Number;
        int map = (int)_live.Maps.Records.MapHandle.Handle.DangerousGetHandle();
        _ring = ReferenceLibrary.OpenRing(map);
        _managedSum = (ulong*)NativeMemory.AllocZeroed(sizeof(ulong));
        _managedRing = ReferenceLibrary.NewRing(map, &Add, _managedSum, null);
    }

    /// <summary>Unloads it.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        ReferenceLibrary.CloseRing(_ring);
        ReferenceLibrary.FreeNewRing(_managedRing);
        NativeMemory.Free(_managedSum);
        _live.Dispose();
        _reader.DisposeAsync().AsTask().Wait();
        _awaited.Dispose();
    }

    /// <summary>Fills the ring before each time it is drained.</summary>
    [IterationSetup(Targets = [nameof(ReferenceDrain), nameof(ReferenceManagedDrain), nameof(OurDrain)])]
    public void Fill() => Expect(Records, Produce(_live, Records));

    /// <summary>The same for the reader that is awaited.</summary>
    [IterationSetup(Target = nameof(OurAwaitedDrain))]
    public void FillAwaited() => Expect(Records, Produce(_awaited, Records));

    /// <summary>libbpf, at once.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = AtOnce)]
    [BenchmarkCategory("at once")]
    public long ReferenceDrain() => Expect(Records, ConsumeReference());

    /// <summary>libbpf, at once, with a callback into managed code.</summary>
    [Benchmark(OperationsPerInvoke = AtOnce)]
    [BenchmarkCategory("at once")]
    public long ReferenceManagedDrain() => Expect(Records, ReferenceLibrary.ConsumeNewRing(_managedRing));

    /// <summary>Ours, at once.</summary>
    [Benchmark(OperationsPerInvoke = AtOnce)]
    [BenchmarkCategory("at once")]
    public long OurDrain() => Expect(Records, _live.Maps.Records.Consume(_add));

    /// <summary>Ours, at once, as <c>await foreach</c> takes them: a copy of one after the other.</summary>
    [Benchmark(OperationsPerInvoke = AtOnce)]
    [BenchmarkCategory("at once")]
    public long OurAwaitedDrain()
    {
        for (int i = 0; i < Records; i++)
        {
            ValueTask<bool> next = _reader.MoveNextAsync();
            if (!next.IsCompletedSuccessfully || !next.Result)
            {
                throw new InvalidOperationException($"The reader waits after {i} records.");
            }

            _sum += _reader.Current.Number;
        }

        return Records;
    }

    /// <summary>libbpf, with a live producer.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Live)]
    [BenchmarkCategory("live")]
    public long ReferenceLive()
    {
        Task producer = StartProducer();
        long records = 0;
        while (records < Live)
        {
            records += ConsumeReference();
        }

        producer.Wait();
        return records;
    }

    /// <summary>Ours, with a live producer.</summary>
    [Benchmark(OperationsPerInvoke = Live)]
    [BenchmarkCategory("live")]
    public long OurLive()
    {
        Task producer = StartProducer();
        long records = 0;
        while (records < Live)
        {
            records += _live.Maps.Records.Consume(_add);
        }

        producer.Wait();
        return records;
    }

    private long ConsumeReference()
    {
        ulong sum;
        return ReferenceLibrary.ConsumeRing(_ring, &sum);
    }

    private Task StartProducer() => Task.Run(() =>
    {
        for (int left = Live; left > 0;)
        {
            left -= Produce(_live, Math.Min(left, 1000));
        }
    });

    private static int Produce(Bench bench, int wanted)
    {
        var request = new FillRequest { Wanted = (uint)wanted };
        bench.Programs.Fill.Run(ref request);
        return (int)request.Written;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Add(void* sum, void* record, nuint size)
    {
        *(ulong*)sum += *(ulong*)record;
        return 0;
    }

    private static long Expect(long expected, long read) => read == expected ? read : throw new InvalidOperationException($"{read} records were read in place of {expected}.");
}
