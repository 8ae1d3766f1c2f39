namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Maps with a value for each CPU.</summary>
public sealed class PerCpuMapTests : KernelTest
{
    [Fact]
    [Row("maps", "PERCPU_ARRAY")]
    public void Values_of_odd_size_have_a_stride_of_eight()
    {
        // 12 bytes: the kernel puts the next CPU's value 16 bytes on.
        var map = new BpfPerCpuArrayMap<Odd>(Create(BpfMapType.PerCpuArray, 4, 12, 3));
        PerCpu<Odd> values = PerCpu<Odd>.Allocate();
        foreach (int cpu in PossibleCpus.Current.Numbers)
        {
            values.Set(cpu, new Odd((uint)cpu, 100, (uint)cpu + 1));
        }

        map[1] = values;
        Assert.Equal(PossibleCpus.Current.Count, values.CpuCount);
        foreach (int cpu in PossibleCpus.Current.Numbers)
        {
            Assert.Equal(new Odd((uint)cpu, 100, (uint)cpu + 1), map[1][cpu]);
        }

        Assert.Equal(default, map[0][0]);
        var batch = new BpfPerCpuMapBatch<int, Odd>();
        Assert.Equal(3, map.Read(batch));
        Assert.Equal(values.ToArray(), batch[1].Value.ToArray());
        Assert.Equal(values.ToArray(), map.ElementAt(1).Value.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => map[1][9999]);
#pragma warning disable HMBPF3019 // On purpose: what the analyzer says is true.
        Assert.Throws<ArgumentException>(() => map.Read(0, default));
#pragma warning restore HMBPF3019
    }

    [Fact]
    public void Values_of_a_long_array_stay_valid_while_it_is_enumerated()
    {
        // More elements than are read at once.
        const int Count = 600;
        var map = new BpfPerCpuArrayMap<ulong>(Create(BpfMapType.PerCpuArray, 4, 8, Count));
        PerCpu<ulong> values = PerCpu<ulong>.Allocate();
        for (int index = 0; index < Count; index++)
        {
            values.Fill((ulong)index);
            map[index] = values;
        }

        List<KeyValuePair<int, PerCpu<ulong>>> kept = [.. map];

        Assert.Equal(Count, kept.Count);
        Assert.All(kept, static one => Assert.Equal((ulong)one.Key * (ulong)PossibleCpus.Current.Count, one.Value.Sum()));
    }

    [Fact]
    [Row("maps", "PERCPU_HASH")]
    public void Per_CPU_hash_values_add_up()
    {
        var map = new BpfPerCpuHashMap<uint, ulong>(Create(BpfMapType.PerCpuHash, 4, 8, 1000));
        PerCpu<ulong> values = PerCpu<ulong>.Allocate();
        for (uint key = 0; key < 600; key++)
        {
            values.Fill(key);
            Assert.True(map.TryAdd(key, values));
        }

        Dictionary<uint, PerCpu<ulong>> kept = map.ToDictionary(entry => entry.Key, entry => entry.Value);
        Assert.Equal(600, kept.Count);
        foreach ((uint key, PerCpu<ulong> value) in kept)
        {
            Assert.Equal(key * (ulong)PossibleCpus.Current.Count, value.Sum());
        }

        var batch = new BpfPerCpuMapBatch<uint, ulong>();
        map.Read(batch);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ulong sum = 0;
        map.Read(batch);
        foreach (var (_, value) in batch)
        {
            sum += value.Sum();
        }

        map.TryGetValue(3, values);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(599ul * 300 * (ulong)PossibleCpus.Current.Count, sum);
    }

    [Fact]
    public void Many_per_CPU_entries_are_written_at_once()
    {
        const int Count = 300;
        var map = new BpfPerCpuHashMap<uint, ulong>(Create(BpfMapType.PerCpuHash, 4, 8, Count));
        uint[] keys = [.. Enumerable.Range(0, Count).Select(static key => (uint)key)];
        PerCpu<ulong>[] values = [.. keys.Select(static key =>
        {
            PerCpu<ulong> one = PerCpu<ulong>.Allocate();
            foreach (int cpu in PossibleCpus.Current.Numbers)
            {
                one.Set(cpu, (key * 1000) + (ulong)cpu);
            }

            return one;
        })];

        map.Update(keys, values);

        foreach (uint key in keys)
        {
            Assert.True(map.ContainsKey(key));
            Assert.True(map.TryGetValue(key, out PerCpu<ulong> found));
            Assert.Equal([.. PossibleCpus.Current.Numbers.ToArray().Select(cpu => (key * 1000) + (ulong)cpu)], found.ToArray());
        }

        Assert.False(map.ContainsKey(Count));
        Assert.False(map.TryGetValue(Count, out PerCpu<ulong> none));
        Assert.Equal(0, none.CpuCount);
        Assert.Throws<ArgumentException>(() => map.Update(keys, values.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => map.Update([1u], [default(PerCpu<ulong>)]));
        Assert.Equal(7, Assert.Throws<BpfSyscallException>(() => map.Update([Count], [values[0]])).Errno);
    }

    [Fact]
    public void Per_CPU_hash_values_are_taken()
    {
        Needs(BpfFeature.HashTake);
        var map = new BpfPerCpuHashMap<uint, ulong>(Create(BpfMapType.PerCpuHash, 4, 8, 10));
        PerCpu<ulong> values = PerCpu<ulong>.Allocate();
        values.Fill(7);
        map[3] = values;
        values.Fill(0);
        Assert.True(map.TryTake(3, values));
        Assert.Equal(7ul * (ulong)PossibleCpus.Current.Count, values.Sum());
        Assert.False(map.TryGetValue(3, values));
        Assert.False(map.TryTake(3, values));
    }

    [Fact]
    [Row("maps", "LRU_PERCPU_HASH")]
    public void A_full_per_CPU_map_evicts_the_least_used()
    {
        var map = new BpfLruPerCpuHashMap<uint, ulong>(Create(BpfMapType.LruPerCpuHash, 4, 8, 64));
        PerCpu<ulong> values = PerCpu<ulong>.Allocate();
        for (uint key = 0; key < 1000; key++)
        {
            values.Fill(key);
            map[key] = values;
        }

        Assert.Equal(999ul * (ulong)PossibleCpus.Current.Count, map[999].Sum());
        Assert.InRange(map.Count(), 1, 64);
        Assert.False(map.TryGetValue(0, values));
    }

    [Fact]
    [Row("maps", "F_CPU / F_ALL_CPUS update flags (one CPU)")]
    public void One_CPU_has_its_value_alone()
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
    public void There_is_a_value_for_each_possible_CPU_however_many_are_online()
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

    private record struct Odd(uint A, uint B, uint C);
}
