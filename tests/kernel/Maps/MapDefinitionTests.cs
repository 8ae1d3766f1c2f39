using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>What the C says of a map is what the kernel makes.</summary>
public sealed class MapDefinitionTests : KernelTest
{
    [Fact]
    [Row("maps", "BTF map definitions: type, max_entries, map_flags, numa_node, key_size, key, value_size, value, values, pinning, map_extra")]
    public void Every_attribute_of_a_definition_reaches_the_kernel() => PrivateNamespace.WithBpfFileSystem(root =>
    {
        var options = new BpfLoadOptions { PinRoot = root };
        using Mapdefs live = OrSkip(Absence.OfMapType(BpfMapType.BloomFilter), () => Mapdefs.Open().Load(options));

        RawMapInfo typed = Info(live, "typed");
        Assert.Equal(
            ((uint)BpfMapType.Hash, 77u, 8u, 8u, (uint)(MapFlags.NoPreallocation | MapFlags.NumaNode)),
            (typed.Type, typed.MaxEntries, typed.KeySize, typed.ValueSize, typed.MapFlags));
        Assert.True(typed is { BtfKeyTypeId: > 0, BtfValueTypeId: > 0 });
        using (BpfMapDescriptor pinned = BpfMapDescriptor.OpenPinned(Path.Combine(root, "typed")))
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
        Own(inner.Descriptor);
        outer.Set(0, inner);
        var other = new BpfArrayMap<uint>(Create(BpfMapType.Array, 4, 4, 3));
        Assert.Equal(Errno.EINVAL, Assert.Throws<BpfSyscallException>(() => outer.Set(1, other)).Errno);
    });

    [Fact]
    public void A_node_of_memory_that_is_not_there_is_refused() => PrivateNamespace.WithBpfFileSystem(root =>
    {
        Mapdefs.Spec spec = Mapdefs.Open();
        spec.Object.Map("typed").NumaNode = 1000;

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => spec.Load(new BpfLoadOptions { PinRoot = root }));

        Assert.Equal((BpfCommand.MapCreate, Errno.EINVAL, "typed"), (refusal.Command!.Value, refusal.Errno, refusal.SubjectName));
    });

    private static RawMapInfo Info(Mapdefs live, string map) => ObjectInfo.Map(live.Live.GetMap(map).Created);
}
