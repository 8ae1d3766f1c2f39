using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>What the C says of a map is what the kernel makes.</summary>
public sealed class MapDefinitionTests : KernelTest
{
    [Fact]
    [Row("maps", "BTF map definitions: type, max_entries, map_flags, numa_node, key_size, key, value_size, value, values, pinning, map_extra")]
    public void Every_attribute_of_a_definition_reaches_the_kernel() => Sandbox.WithBpfFileSystem(root =>
    {
        var options = new BpfLoadOptions { PinRoot = root };
        using Mapdefs live = OrSkip(Absence.OfMapType(BpfMapType.BloomFilter), () => Mapdefs.Open().Load(options));

        RawMapInfo typed = Info(live, "typed");
        Assert.Equal(
            ((uint)BpfMapType.Hash, 77u, 8u, 8u, (uint)(BpfMapFlags.NoPreallocation | BpfMapFlags.NumaNode)),
            (typed.Type, typed.MaxEntries, typed.KeySize, typed.ValueSize, typed.MapFlags));
        Assert.True(typed is { BtfKeyTypeId: > 0, BtfValueTypeId: > 0 });
        using (BpfMapHandle pinned = BpfMapHandle.OpenPinned(Path.Combine(root, "typed")))
        {
            Assert.Equal(typed.Id, pinned.Id);
        }

        RawMapInfo sized = Info(live, "sized");
        Assert.Equal(((uint)BpfMapType.Hash, 5u, 12u, 20u, 0u), (sized.Type, sized.MaxEntries, sized.KeySize, sized.ValueSize, sized.MapFlags));
        RawMapInfo filter = Info(live, "filter");
        Assert.Equal(((uint)BpfMapType.BloomFilter, 100u, 0u, 4u, 7ul), (filter.Type, filter.MaxEntries, filter.KeySize, filter.ValueSize, filter.MapExtra));

        // The inner map's definition is what the kernel compares with what is put in.
        var outer = new BpfArrayOfMaps<BpfArrayMap<ulong>>(live.Live.GetMap("outer"), static map => new BpfArrayMap<ulong>(map));
        BpfArrayMap<ulong> inner = outer.CreateInner();
        Own(inner.MapHandle);
        outer.Set(0, inner);
        var other = new BpfArrayMap<uint>(Create(BpfMapType.Array, 4, 4, 3));
        Assert.Equal(Errno.EINVAL, Assert.Throws<BpfSyscallException>(() => outer.Set(1, other)).Errno);
    });

    [Fact]
    public void A_NUMA_node_that_does_not_exist_is_rejected() => Sandbox.WithBpfFileSystem(root =>
    {
        Mapdefs.Spec spec = Mapdefs.Open();
        spec.Object.Map("typed").NumaNode = 1000;

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => spec.Load(new BpfLoadOptions { PinRoot = root }));

        Assert.Equal((BpfCommand.MapCreate, Errno.EINVAL, "typed"), (refusal.Command!.Value, refusal.Errno, refusal.SubjectName));
    });

    [Theory]
    [InlineData(BpfMapType.SkStorage, 4, 8, 16, 0, "remove __uint(max_entries, …);")]
    [InlineData(BpfMapType.Array, 8, 8, 16, 0, "write __type(key, __u32);")]
    [InlineData(BpfMapType.LpmTrie, 4, 8, 16, 0, "begins with __u32 prefixlen;")]
    [InlineData(BpfMapType.StackTrace, 4, 12, 16, 0, "consist of frames of 8 bytes")]
    [InlineData(BpfMapType.ProgArray, 4, 8, 16, 0, "descriptors of 4 bytes")]
    [InlineData(BpfMapType.DevMap, 4, 16, 16, 0, "4 or 8 bytes")]
    [InlineData(BpfMapType.LruHash, 4, 8, 16, (int)BpfMapFlags.NoPreallocation, "remove BPF_F_NO_PREALLOC")]
    [InlineData(BpfMapType.Array, 4, 8, 16, (int)BpfMapFlags.NoPreallocation, "remove BPF_F_NO_PREALLOC")]
    [InlineData(BpfMapType.Hash, 4, 8, 16, (int)BpfMapFlags.Mappable, "remove BPF_F_MMAPABLE")]
    [InlineData(BpfMapType.PerCpuArray, 4, 40000, 1, 0, "at most 32768 bytes")]
    public void A_definition_that_does_not_suit_its_type_is_rejected_with_the_remedy(BpfMapType type, int key, int value, uint entries, int flags, string remedy)
        => Assert.Contains(remedy, Assert.ThrowsAny<BpfSyscallException>(() => Create(type, key, value, entries, (BpfMapFlags)flags)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_lock_in_a_per_CPU_map_is_rejected_when_the_map_is_created()
    {
        Sentences.Spec spec = Sentences.Open();
        spec.Object.Map("locks").Type = BpfMapType.PerCpuArray;

        BpfSyscallException refusal = Assert.ThrowsAny<BpfSyscallException>(() => spec.Load());

        Assert.Equal("locks", refusal.SubjectName);
        Assert.Contains("cannot have a struct bpf_spin_lock: each CPU has its own value", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_element_that_does_not_suit_its_map_is_rejected_with_the_reason()
    {
        var outer = new BpfArrayOfMaps<BpfArrayMap<ulong>>(Own(MapCreator.Create(Kernel, new BpfMapDefinition("outer", BpfMapType.ArrayOfMaps, 4, 4, 1) { Inner = new BpfMapDefinition("inner", BpfMapType.Array, 4, 8, 3) })), static map => new(map));
        Assert.Contains("value size 4 instead of 8", Refusal(() => outer.Set(0, new BpfArrayMap<uint>(Create(BpfMapType.Array, 4, 4, 3)))), StringComparison.Ordinal);

        var devices = new BpfDevMap(Create(BpfMapType.DevMap, 4, 8, 1));
        using BpfObject kinds = HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Xdp).Live;
        Assert.Contains("must be SEC(\"xdp/devmap\")", Refusal(() => devices.Set(0, NetworkDevice.FromName("lo"), kinds.GetProgram<BpfXdpProgram>("xdp"))), StringComparison.Ordinal);

        var trie = new BpfLpmTrie<ulong, ulong>(Create(BpfMapType.LpmTrie, 8, 8, 1, BpfMapFlags.NoPreallocation));
        Assert.Contains("at most 32 for an IPv4 address", Refusal(() => trie[40] = 1), StringComparison.Ordinal);
        trie[32] = 1;
        Assert.Contains("The map is full", Refusal(() => trie[31] = 1), StringComparison.Ordinal);

        static string Refusal(Action act) => Assert.ThrowsAny<BpfSyscallException>(act).Message;
    }

    [Fact]
    [Row("maps", "unknown map type tolerated")]
    public void A_map_of_an_unknown_type_is_passed_to_the_kernel()
    {
        BpfMapHandle map = Create(BpfMapType.Hash, 4, 4, 1);
        var untyped = new BpfUntypedMap(map);
        Assert.Equal((4, 4, 1L), (untyped.KeySize, untyped.ValueSize, untyped.MaxEntries));
        var error = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(Kernel, new BpfMapDefinition("later", (BpfMapType)999, 4, 4, 1)));
        Assert.Contains("later (999", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("maps", "auto sizing: RINGBUF rounded to page, PERF_EVENT_ARRAY to CPU count")]
    public void Sizes_are_rounded_to_what_the_kernel_accepts()
    {
        Assert.Equal(8192u, ObjectInfo.Map(Create(BpfMapType.RingBuf, 0, 0, 5000).Created).MaxEntries);
        Assert.Equal((uint)PossibleCpus.Current.Count, ObjectInfo.Map(Create(BpfMapType.PerfEventArray, 4, 4, 0).Created).MaxEntries);
    }

    [Fact]
    public void Errors_of_creation_name_the_map()
    {
        var error = Assert.Throws<BpfSyscallException>(() => Create(BpfMapType.Array, 3, 8, 1));
        Assert.Equal(22, error.Errno);
        Assert.Equal("t_Array", error.SubjectName);
        Assert.Equal("BPF_MAP_CREATE", error.Operation);
    }

    private static RawMapInfo Info(Mapdefs live, string map) => ObjectInfo.Map(live.Live.GetMap(map).Created);
}
