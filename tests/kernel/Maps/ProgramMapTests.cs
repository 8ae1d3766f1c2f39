using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Maps that mean something only with a program, loaded from C.</summary>
public sealed class ProgramMapTests : MapsInUseTest
{
    [Fact]
    [Row("maps", "ARRAY_OF_MAPS initial values")]
    [Row("maps", "inner map template via __array(values, ...); set_inner_map_fd")]
    [Row("maps", "ARRAY_OF_MAPS")]
    [Row("maps", "HASH_OF_MAPS")]
    public void Maps_in_maps_are_those_of_the_C_and_those_that_are_set()
    {
        BpfObject live = Open();
        var byIndex = new BpfArrayOfMaps<BpfArrayMap<ulong>>(live.GetMap("by_index"), static inner => new(inner));
        var byKey = new BpfHashOfMaps<uint, BpfArrayMap<ulong>>(live.GetMap("by_key"), static inner => new(inner));
        BpfProgram countIndex = Program(live, "count_index"), countKey = Program(live, "count_key");

        Assert.Equal([-1, 1, -1], Enumerable.Range(0, 3).Select(i => countIndex.Run((ulong)i)));
        Assert.Equal(2, countKey.Run(0));
        Assert.Equal(1, countKey.Run(7));
        Assert.Equal((2ul, 1ul), (new BpfArrayMap<ulong>(live.GetMap("inner_a"))[0], new BpfArrayMap<ulong>(live.GetMap("inner_b"))[0]));

        BpfArrayMap<ulong> ours = byIndex.CreateInner();
        using (ours)
        {
            ours[0] = 40;
            byIndex.Set(2, ours);
            byKey.Set(9, ours);
        }

        Assert.Equal(41, countIndex.Run(2));
        Assert.Equal(42, countKey.Run(9));
        BpfArrayMap<ulong>? opened = byKey.Open(9);
        Assert.NotNull(opened);
        using (opened)
        {
            Assert.Equal(42ul, opened[0]);
            Assert.True(byIndex.TryGetId(2, out uint id));
            Assert.Equal(opened.Id, id);
        }

        Assert.Throws<ObjectDisposedException>(() => opened[0]);
        using (var view = new BpfArrayMap<ulong>(live.GetMap("inner_a")))
        {
            Assert.Equal(2ul, view[0]);
        }

        // The object's own map: disposing a view of it does nothing.
        Assert.Equal(2ul, new BpfArrayMap<ulong>(live.GetMap("inner_a"))[0]);
        Assert.True(byKey.Remove(9));
        Assert.False(byKey.Remove(9));
        Assert.Null(byKey.Open(9));
        Assert.True(byIndex.Remove(2));
        Assert.Equal(-1, countIndex.Run(2));
        using BpfMapHandle unlike = MapCreator.Create(Kernel, new BpfMapDefinition("unlike", BpfMapType.Hash, 4, 8, 1));
        Assert.Equal(Errno.EINVAL, Assert.Throws<BpfSyscallException>(() => byIndex.Set(0, new BpfHashMap<uint, ulong>(unlike))).Errno);
    }

    [Fact]
    [Row("maps", "STACK_TRACE")]
    public void A_stack_is_read_by_its_ID()
    {
        BpfObject live = Open();
        var stacks = new BpfStackTraceMap(live.GetMap("stacks"));
        int id = Program(live, "stack").Run(0);
        Assert.True(id >= 0, $"bpf_get_stackid answered {id}");

        ulong[] frames = new ulong[stacks.MaxDepth];
        Assert.Equal(16, frames.Length);
        Assert.True(stacks.TryGet(id, frames, out int count));
        Assert.InRange(count, 1, 16);
        Assert.All(frames[..count], static frame => Assert.True(frame >> 63 == 1, $"{frame:x} is no address of the kernel"));
        Assert.Equal([id], stacks.Ids);
        Assert.True(stacks.Remove(id));
        Assert.False(stacks.TryGet(id, frames, out _));
    }

    [Fact]
    [Row("maps", "BPF_F_LOCK (spin lock) lookup/update")]
    [Row("maps", "special field: bpf_spin_lock")]
    public void A_value_with_a_lock_is_read_and_written_under_it()
    {
        BpfObject live = Open();
        var hash = new BpfHashMap<uint, (uint Lock, uint Count)>(live.GetMap("locked_hash"));
        var array = new BpfArrayMap<(uint Lock, uint Count)>(live.GetMap("locked_array"));
        hash.SetLocked(1, (123, 5));
        array.SetLocked(1, (123, 6));
        Assert.True(hash.TryGetValueLocked(1, out (uint Lock, uint Count) value));
        Assert.Equal((0u, 5u), value);
        Assert.Equal((0u, 6u), array.GetLocked(1));
        Assert.False(hash.TryGetValueLocked(2, out _));
        var plain = new BpfArrayMap<ulong>(live.GetMap("inner_a"));
        Assert.Equal(Errno.EINVAL, Assert.Throws<BpfSyscallException>(() => plain.GetLocked(0)).Errno);
    }

    [Fact]
    [Row("maps", "mmap of ARRAY with BPF_F_MMAPABLE")]
    public void An_array_is_shared_memory()
    {
        BpfObject live = Open();
        var array = new BpfArrayMap<Triple>(live.GetMap("mapped"));
        BpfMappedArray<Triple> memory = array.Map();
        memory[2] = new Triple(30, 12, 0);
        Assert.Equal(42, Program(live, "set_mapped").Run(2));
        Assert.Equal(new Triple(30, 12, 42), memory[2]);
        Assert.Equal(memory[2], array[2]);
        using (BpfMappedSpan<Triple> span = memory.Use())
        {
            span[0].A = 9;
            Assert.Equal(3, span.Length);
        }

        Assert.Equal(9u, array[0].A);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory[3]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        memory[1] = memory[2];
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory[0]);
        BpfMappedArray<Triple> second = array.Map();
        live.Dispose();
        Assert.Throws<ObjectDisposedException>(() => second[0]);
        Assert.Throws<BpfException>(() => new BpfArrayMap<ulong>(Create(BpfMapType.Array, 4, 8, 1)).Map());
    }

    [Fact]
    [Row("maps", "set max_entries, key/value size, type, numa, flags, ifindex before load")]
    public void The_kernel_creates_the_map_that_the_spec_states()
    {
        BpfObject live = Open(spec =>
        {
            BpfMapSpec map = spec.Map("kept");
            map.Type = BpfMapType.LruHash;
            map.MaxEntries = 77;
            map.KeySize = 4;
            map.ValueSize = 16;
            map.NumaNode = 0;
            map.Flags = BpfMapFlags.NumaNode | BpfMapFlags.ReadOnly;
            spec.Map("inner_a").Flags = 0;
            spec.Program("set_kept").Enabled = false;
        });
        RawMapInfo info = ObjectInfo.Map(live.GetMap("kept").Created);
        Assert.Equal(
            // Who may write from here is a matter of the descriptor, not of the map.
            ((uint)BpfMapType.LruHash, 77u, 4u, 16u, (uint)BpfMapFlags.NumaNode),
            (info.Type, info.MaxEntries, info.KeySize, info.ValueSize, info.MapFlags));
        var map = new BpfLruHashMap<uint, (ulong, ulong)>(live.GetMap("kept"));
        Assert.Contains("read-only", Assert.Throws<BpfPermissionException>(() => map[1] = (1, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("maps", "map value typed by BTF at runtime (info, btf_key_type_id)")]
    [Row("maps", "types of keys and values are handed to the kernel for the kinds of map that take them, and for no others")]
    public void The_kernel_knows_the_types_of_maps_that_may_have_them()
    {
        BpfObject live = Open();
        RawMapInfo typed = ObjectInfo.Map(live.GetMap("locked_hash").Created);
        RawMapInfo untyped = ObjectInfo.Map(live.GetMap("perf").Created);
        Assert.NotEqual((0u, 0u, 0u), (typed.BtfId, typed.BtfKeyTypeId, typed.BtfValueTypeId));
        Assert.Equal((0u, 0u, 0u), (untyped.BtfId, untyped.BtfKeyTypeId, untyped.BtfValueTypeId));
        Assert.Equal((uint)PossibleCpus.Current.Count, untyped.MaxEntries);
    }

    [Fact]
    [Row("maps", "exclusive maps (excl_prog_hash)")]
    public void An_exclusive_map_is_refused_to_other_programs()
    {
        BpfObject live = OrSkip(Absence.OfMapField("excl_prog_hash"), () => Open(spec => spec.Map("mapped").ExclusiveProgram = "set_mapped"));
        Assert.Equal(0, Program(live, "set_mapped").Run(0));
        Assert.Throws<BpfVerifierException>(() => Open(spec => spec.Map("mapped").ExclusiveProgram = "set_kept"));
        Assert.Throws<BpfException>(() => Open(spec => spec.Map("mapped").ExclusiveProgram = "nobody"));
    }

    [Fact]
    public void An_exclusive_map_is_for_a_program_with_global_variables_too()
    {
        BpfObject live = OrSkip(Absence.OfMapField("excl_prog_hash"), () => Open(static spec =>
        {
            spec.Map("mapped").ExclusiveProgram = "sum_mapped";
            spec.Program("sum_mapped").Enabled = true;
            spec.Program("set_mapped").Enabled = false;
        }));
        Assert.Equal(0, Program(live, "sum_mapped").Run(0));
    }

    [Fact]
    [Row("maps", "special field: bpf_timer")]
    public void A_timer_in_a_value_runs()
    {
        Needs(BpfFeature.SyscallProgram);
        Timed timed = Own(OrSkip(Absence.OfHelper("bpf_timer_init"), static () => Timed.Open().Load()));
        ulong context = 0;
        Assert.Equal(0, timed.Programs.Start.Run(ref context));
        BpfMapHandle timers = timed.Live.GetMap("timers");
        Assert.True(SpinWait.SpinUntil(() => Count(timers) == 1, TimeSpan.FromSeconds(30)), $"{Count(timers)} ticks");

        static unsafe ulong Count(BpfMapHandle map)
        {
            int key = 0;
            ulong* value = stackalloc ulong[3];
            Assert.Equal(0, MapCalls.Lookup(map, &key, value));
            return value[2];
        }
    }

    private record struct Triple(uint A, uint B, uint C);
}
