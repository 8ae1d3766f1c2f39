namespace Hypermesh.Bpf.Tests.Kernel.Maps;

public sealed class HashMapTests : KernelTest
{
    [Fact]
    [Row("maps", "HASH")]
    public void One_entry_is_added_changed_and_removed()
    {
        var map = new BpfHashMap<uint, ulong>(Create(BpfMapType.Hash, 4, 8, 100));
        Assert.False(map.TryGetValue(7, out ulong absent));
        Assert.Equal(0ul, absent);
        Assert.True(map.TryAdd(7, 70));
        Assert.False(map.TryAdd(7, 71));
        Assert.Equal(70ul, map[7]);
        Assert.False(map.TryUpdate(8, 80));
        Assert.True(map.TryUpdate(7, 72));
        map[9] = 90;
        Assert.Equal(72ul, map[7]);
        Assert.True(map.Remove(9));
        Assert.False(map.Remove(9));
        Assert.Equal($"Map {map.Name} has no entry 9.", Assert.Throws<KeyNotFoundException>(() => map[9]).Message);
        Assert.NotEqual(0u, map.Id);
    }

    [Theory]
    [InlineData(BpfMapType.Hash)]
    [InlineData(BpfMapType.LruHash)]
    public void An_entry_is_taken_in_one_step(BpfMapType type)
    {
        Needs(BpfFeature.HashTake);
        BpfMapHandle descriptor = Create(type, 4, 8, 100);
        BpfHashedMap<uint, ulong> map = type == BpfMapType.Hash ? new BpfHashMap<uint, ulong>(descriptor) : new BpfLruHashMap<uint, ulong>(descriptor);
        map[7] = 72;
        Assert.True(map.TryTake(7, out ulong taken));
        Assert.Equal(72ul, taken);
        Assert.False(map.TryTake(7, out _));
    }

    [Theory]
    [InlineData(BpfMapType.Hash, 10_000, false)]
    [InlineData(BpfMapType.LruHash, 10_000, false)]
    [InlineData(BpfMapType.Hash, 10_000, true)]
    [InlineData(BpfMapType.Hash, 1, false)]
    [InlineData(BpfMapType.Hash, 0, false)]
    [InlineData(BpfMapType.Hash, 0, true)]
    public void All_entries_are_read_by_batch_and_by_key(BpfMapType type, int count, bool byKey)
    {
        // Twice the room: an LRU map may drop before it is full.
        BpfMapHandle descriptor = Create(type, 8, 16, 40_000);
        descriptor.HasNoBatch = byKey;
        BpfKeyedMap<ulong, (ulong, ulong)> map = type == BpfMapType.Hash ? new BpfHashMap<ulong, (ulong, ulong)>(descriptor) : new BpfLruHashMap<ulong, (ulong, ulong)>(descriptor);
        for (ulong i = 0; i < (ulong)count; i++)
        {
            map[i] = (i * 3, i * 5);
        }

        var seen = new Dictionary<ulong, (ulong, ulong)>();
        foreach (var (key, value) in map)
        {
            seen.Add(key, value);
        }

        var batch = new BpfMapBatch<ulong, (ulong, ulong)>();
        Assert.Equal(count, map.Read(batch));
        Assert.Equal(count, seen.Count);
        foreach (var (key, value) in batch)
        {
            Assert.Equal((key * 3, key * 5), value);
            Assert.Equal(value, seen[key]);
        }
    }

    [Fact]
    public void Reading_again_allocates_nothing()
    {
        var map = new BpfHashMap<uint, ulong>(Create(BpfMapType.Hash, 4, 8, 5000));
        for (uint i = 0; i < 3000; i++)
        {
            map[i] = i;
        }

        var batch = new BpfMapBatch<uint, ulong>();
        ulong sum = 0;
        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int round = 0; round < 50; round++)
            {
                map.Read(batch);
                foreach (var (_, value) in batch)
                {
                    sum += value;
                }

                map.TryGetValue(17, out ulong one);
                sum += one;
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure();
        Assert.Equal(0, Measure());
        Assert.True(sum > 0);
    }

    [Fact]
    public void A_full_map_says_so()
    {
        var map = new BpfHashMap<uint, uint>(Create(BpfMapType.Hash, 4, 4, 2));
        map[1] = 1;
        map[2] = 2;
        var error = Assert.Throws<BpfSyscallException>(() => map[3] = 3);
        Assert.Equal(BpfCommand.MapUpdateElement, error.Command);
        Assert.Contains("t_Hash", error.Message, StringComparison.Ordinal);
        Assert.Contains("E2BIG", error.Message, StringComparison.Ordinal);
        Assert.Contains("The map is full: its max_entries is 2.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_of_another_size_or_type_is_rejected()
    {
        BpfMapHandle descriptor = Create(BpfMapType.Hash, 4, 8, 10);
        var size = Assert.Throws<BpfException>(() => new BpfHashMap<ulong, ulong>(descriptor));
        Assert.Contains("4 bytes", size.Message, StringComparison.Ordinal);
        Assert.Contains("8", size.Message, StringComparison.Ordinal);
        Assert.Throws<BpfException>(() => new BpfLruHashMap<uint, ulong>(descriptor));
    }

    [Fact]
    public void After_Dispose_every_use_is_an_error()
    {
        BpfMapHandle descriptor = Create(BpfMapType.Hash, 4, 8, 10);
        var map = new BpfHashMap<uint, ulong>(descriptor);
        map[1] = 1;
        descriptor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.TryGetValue(1, out _));
        Assert.Throws<ObjectDisposedException>(() => map.Read(new BpfMapBatch<uint, ulong>()));
        Assert.Throws<ObjectDisposedException>(() => map.Id);
    }
}
