using BenchmarkDotNet.Attributes;
using Hypermesh.Bpf.Benchmarks.Reference;

namespace Hypermesh.Bpf.Benchmarks;

/// <summary>One look-up in a hash map, and reading its 10,000 entries in batches.</summary>
[Config(typeof(RatioConfig))]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public unsafe class MapBenchmarks
{
    private const int Entries = 10_000;
    private readonly uint[] _keys = new uint[Entries];
    private readonly ulong[] _values = new ulong[Entries];
    private Bench _live = null!;
    private BpfMapBatch<uint, ulong> _batch = null!;
    private int _map;
    private uint _key;

    /// <summary>Loads and fills the map.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _live = Bench.Open().Load();
        _batch = new BpfMapBatch<uint, ulong>();
        for (uint key = 0; key < Entries; key++)
        {
            _live.Maps.Numbers[key] = key * 3ul;
        }

        _map = (int)_live.Maps.Numbers.MapHandle.Handle.DangerousGetHandle();
        if (OurBatch() != ReferenceBatch() || OurLookup() != _key * 3ul || ReferenceLookup() != _key * 3ul)
        {
            throw new InvalidOperationException("Both do not read the same.");
        }
    }

    /// <summary>Unloads it.</summary>
    [GlobalCleanup]
    public void Cleanup() => _live.Dispose();

    /// <summary>libbpf's look-up.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("lookup")]
    public ulong ReferenceLookup()
    {
        uint key = Next();
        ulong value;
        return ReferenceLibrary.Lookup(_map, &key, &value) == 0 ? value : throw new InvalidOperationException("not found");
    }

    /// <summary>Ours.</summary>
    [Benchmark]
    [BenchmarkCategory("lookup")]
    public ulong OurLookup() => _live.Maps.Numbers[Next()];

    /// <summary>libbpf's batches.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("batch")]
    public ulong ReferenceBatch()
    {
        uint read = 0;
        fixed (uint* keys = _keys)
        fixed (ulong* values = _values)
        {
            ulong cursor = 0;
            int result;
            do
            {
                uint count = Entries - read;
                result = ReferenceLibrary.LookupBatch(_map, read == 0 ? null : &cursor, &cursor, keys + read, values + read, &count, null);
                read += count;
            }
            while (result == 0 && read < Entries);
        }

        return read + _values[^1];
    }

    /// <summary>Ours.</summary>
    [Benchmark]
    [BenchmarkCategory("batch")]
    public ulong OurBatch() => (ulong)_live.Maps.Numbers.Read(_batch) + _batch.Values[^1];

    private uint Next() => _key = _key == Entries - 1 ? 0 : _key + 1;
}
