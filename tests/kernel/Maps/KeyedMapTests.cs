using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>What maps with keys can do, from user space alone.</summary>
public sealed class KeyedMapTests : KernelTest
{
    [Theory]
    [InlineData(BpfMapType.Hash, false)]
    [InlineData(BpfMapType.LruHash, false)]
    [InlineData(BpfMapType.Hash, true)]
    [Row("maps", "batch lookup / lookup-and-delete / update / delete")]
    [Row("maps", "HASH")]
    [Row("maps", "LRU_HASH")]
    public void Many_entries_are_written_taken_and_removed_at_once(BpfMapType type, bool byKey)
    {
        if (byKey)
        {
            Needs(BpfFeature.HashTake);
        }

        BpfMapHandle descriptor = Create(type, 4, 8, 4000);
        descriptor.HasNoBatch = byKey;
        BpfHashedMap<uint, ulong> map = type == BpfMapType.Hash ? new BpfHashMap<uint, ulong>(descriptor) : new BpfLruHashMap<uint, ulong>(descriptor);
        uint[] keys = [.. Enumerable.Range(0, 1000).Select(i => (uint)i)];
        map.Update(keys, [.. keys.Select(key => key * 3ul)]);

        Assert.Equal(1000, map.Count());
        Assert.Equal(2997ul, map[999]);
        Assert.Equal(2, map.Remove([5, 9999, 7]));
        Assert.Equal(0, map.Remove([5, 7]));
        var batch = new BpfMapBatch<uint, ulong>();
        Assert.Equal(998, map.TakeAll(batch));
        Assert.Equal((499_500ul - 12) * 3, batch.Values.ToArray().Aggregate((a, b) => a + b));
        Assert.Equal(0, map.TakeAll(batch));
        Assert.Empty(map);
        Assert.Throws<ArgumentException>(() => map.Update([1, 2], [1]));
    }

    [Theory]
    [InlineData(BpfMapType.Hash, false)]
    [InlineData(BpfMapType.Hash, true)]
    [InlineData(BpfMapType.LpmTrie, false)]
    [Row("maps", "iteration with get_next_key")]
    public void Every_entry_is_seen_once_while_entries_are_removed(BpfMapType type, bool byKey)
    {
        BpfMapHandle descriptor = Create(type, 8, 8, 2000, type == BpfMapType.LpmTrie ? BpfMapFlags.NoPreallocation : 0);
        descriptor.HasNoBatch = byKey;
        BpfKeyedMap<LpmKey<uint>, ulong> map = type == BpfMapType.Hash ? new BpfHashMap<LpmKey<uint>, ulong>(descriptor) : new BpfLpmTrie<LpmKey<uint>, ulong>(descriptor);
        for (uint i = 0; i < 1000; i++)
        {
            map[new LpmKey<uint>(32, i)] = i;
        }

        var seen = new HashSet<ulong>();
        foreach ((LpmKey<uint> key, ulong value) in map)
        {
            Assert.True(seen.Add(value));
            if (value % 3 != 0)
            {
                Assert.True(map.Remove(in key));
            }
        }

        Assert.Equal(1000, seen.Count);
        Assert.Equal(334, map.Count());
        var batch = new BpfMapBatch<LpmKey<uint>, ulong>();
        int parts = 0, entries = 0;
        for (batch.Restart(); map.ReadNext(batch); parts++)
        {
            entries += batch.Count;
        }

        Assert.Equal(334, entries);
        Assert.True(parts >= 2, $"{parts} parts");
    }

    [Fact]
    [Row("maps", "lookup-and-delete")]
    public void One_entry_is_taken()
    {
        Needs(BpfFeature.HashTake);
        var map = new BpfHashMap<uint, ulong>(Create(BpfMapType.Hash, 4, 8, 4));
        map[1] = 11;
        Assert.True(map.TryTake(1, out ulong value));
        Assert.Equal(11ul, value);
        Assert.Empty(map);
    }

    [Fact]
    [Row("maps", "freeze")]
    public void A_frozen_map_is_read_and_not_written()
    {
        var map = new BpfHashMap<uint, ulong>(Create(BpfMapType.Hash, 4, 8, 4));
        map[1] = 11;
        map.MapHandle.Freeze();
        Assert.Equal(11ul, map[1]);
        Assert.Contains("frozen", Assert.Throws<BpfPermissionException>(() => map[1] = 12).Message, StringComparison.Ordinal);
        Assert.Contains("frozen", Assert.Throws<BpfPermissionException>(map.MapHandle.Freeze).Message, StringComparison.Ordinal);
        Assert.Contains("frozen", Assert.Throws<BpfPermissionException>(() => map.Remove([1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("maps", "LPM_TRIE")]
    public void The_longest_prefix_is_found()
    {
        var map = new BpfLpmTrie<LpmKey<uint>, int>(Create(BpfMapType.LpmTrie, 8, 4, 16, BpfMapFlags.NoPreallocation));
        map[Address(8, 10, 0, 0, 0)] = 8;
        map[Address(16, 10, 1, 0, 0)] = 16;
        map[Address(32, 10, 1, 2, 3)] = 32;

        Assert.Equal(32, map[Address(32, 10, 1, 2, 3)]);
        Assert.Equal(16, map[Address(32, 10, 1, 2, 4)]);
        Assert.Equal(8, map[Address(32, 10, 9, 9, 9)]);
        Assert.False(map.TryGetValue(Address(32, 11, 0, 0, 0), out _));
        Assert.False(map.Remove(Address(24, 10, 1, 2, 0)));
        Assert.True(map.Remove(Address(16, 10, 1, 0, 0)));
        Assert.Equal(8, map[Address(32, 10, 1, 2, 4)]);
        Assert.Equal(2, map.Count());

        static LpmKey<uint> Address(uint prefix, byte a, byte b, byte c, byte d) => new(prefix, BitConverter.ToUInt32([a, b, c, d]));
    }

    [Fact]
    [Row("maps", "QUEUE")]
    [Row("maps", "STACK")]
    public void A_queue_returns_the_oldest_and_a_stack_the_latest()
    {
        var queue = new BpfQueue<ulong>(Create(BpfMapType.Queue, 0, 8, 3));
        var stack = new BpfStack<ulong>(Create(BpfMapType.Stack, 0, 8, 3));
        for (ulong i = 1; i <= 3; i++)
        {
            Assert.True(queue.TryEnqueue(i));
            Assert.True(stack.TryPush(i));
        }

        Assert.False(queue.TryEnqueue(4));
        Assert.False(stack.TryPush(4));
        queue.Enqueue(4);
        stack.Push(4);
        Assert.True(queue.TryPeek(out ulong oldest));
        Assert.True(stack.TryPeek(out ulong latest));
        Assert.Equal((2ul, 4ul), (oldest, latest));
        Assert.Equal([2ul, 3ul, 4ul], Drain(queue.TryDequeue));
        Assert.Equal([4ul, 3ul, 2ul], Drain(stack.TryPop));
        Assert.False(queue.TryPeek(out _));

        static List<ulong> Drain(Take take)
        {
            var values = new List<ulong>();
            while (take(out ulong value))
            {
                values.Add(value);
            }

            return values;
        }
    }

    [Fact]
    [Row("maps", "BLOOM_FILTER")]
    public void A_bloom_filter_never_denies_what_is_there()
    {
        var filter = new BpfBloomFilter<ulong>(Create(Absence.OfMapType(BpfMapType.BloomFilter), new BpfMapDefinition("t_bloom", BpfMapType.BloomFilter, 0, 8, 1000) { Extra = 5 }));
        for (ulong i = 0; i < 1000; i++)
        {
            filter.Add(i);
        }

        int wrong = 0;
        for (ulong i = 0; i < 1000; i++)
        {
            Assert.True(filter.MayContain(i));
            wrong += filter.MayContain(i + 1_000_000) ? 1 : 0;
        }

        // Five functions of a thousand values: some 3 in 100 are wrong.
        Assert.InRange(wrong, 0, 200);
    }

    [Fact]
    public void Single_operations_allocate_nothing()
    {
        var hash = new BpfHashMap<uint, ulong>(Create(BpfMapType.Hash, 4, 8, 1000));
        var queue = new BpfQueue<ulong>(Create(BpfMapType.Queue, 0, 8, 10));
        var batch = new BpfMapBatch<uint, ulong>();
        uint[] keys = [.. Enumerable.Range(0, 500).Select(i => (uint)i)];
        ulong[] values = new ulong[500];
        Round();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Round()
        {
            hash.Update(keys, values);
            hash.TryUpdate(1, 2);
            hash.TryGetValue(1, out _);
            hash.Remove(1);
            queue.TryEnqueue(1);
            queue.TryDequeue(out _);
            for (batch.Restart(); hash.ReadNext(batch);)
            {
            }

            hash.Remove(keys);
        }
    }

    private delegate bool Take(out ulong value);
}
