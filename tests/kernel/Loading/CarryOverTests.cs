using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>What a new version takes over of maps and variables that changed, and what it says of those that it cannot take over. Here user space writes the values; HotReloadTests has programs do it.</summary>
public sealed class CarryOverTests : KernelTest
{
    [Fact]
    public void Members_that_became_wider_have_their_values_and_new_ones_are_added()
    {
        using Carry live = Carry.Open().Load();
        live.Maps.Wider[1] = new Carry.Extremes { Highest = -3, Lowest = -9, Change = -5 };
        live.Maps.Wider[2] = new Carry.Extremes { Highest = 7, Lowest = int.MinValue, Change = short.MinValue };
        BpfReload report = live.Live.HotReload(CarryNext.Open().Object);
        var wider = new BpfHashMap<uint, CarryNext.Extremes>(live.Live.GetMap("wider"));

        Assert.Equal(new CarryNext.Extremes { Highest = -3, Lowest = -9, Change = -5 }, wider[1]);
        Assert.Equal(new CarryNext.Extremes { Highest = 7, Lowest = int.MinValue, Change = short.MinValue }, wider[2]);
        BpfMapReload one = Of(report, "wider");
        Assert.Equal((false, true, null), (one.IsKept, one.IsCarriedOver, one.Aside));
        Assert.Contains("has 24 bytes and had 12", one.Because, StringComparison.Ordinal);

        // What the other version has written is merged with what this one writes, not with what user space sets.
        wider[2] = new CarryNext.Extremes { Highest = 1, Lowest = 1, Change = 1 };
        Assert.Equal(new CarryNext.Extremes { Highest = 1, Lowest = 1, Change = 1 }, wider[2]);
        live.HotReload(Carry.Open());
        Assert.Equal(new Carry.Extremes { Highest = -3, Lowest = -9, Change = -5 }, live.Maps.Wider[1]);
    }

    [Fact]
    public void A_map_of_another_size_is_read_and_written_as_one()
    {
        using Carry live = Carry.Open().Load();
        BpfHashMap<uint, ulong> map = live.Maps.Longer;
        map[1] = 10;
        map[2] = 20;
        Assert.True(Of(live.Live.HotReload(CarryNext.Open().Object), "longer").IsCarriedOver);
        Assert.Equal((32u, 10ul, 20ul), (map.MaxEntries, map[1], map[2]));
        Write(live.Live.GetMap("longer"), 2, 5);
        Write(live.Live.GetMap("longer"), 3, 30);

        Assert.Equal([(1u, 10ul), (2u, 25ul), (3u, 30ul)], Entries(map));
        var batch = new BpfMapBatch<uint, ulong>();
        Assert.Equal(3, map.Read(batch));
        Assert.Equal([10ul, 25ul, 30ul], batch.Values.ToArray().Order());
        Assert.False(map.TryAdd(1, 1));
        Assert.True(map.TryUpdate(1, 11));
        Assert.Equal(11ul, map[1]);
        Assert.True(map.TryAdd(4, 40));
        Assert.True(map.Remove(2));
        Assert.False(map.Remove(2));
        Assert.False(map.TryGetValue(2, out _));
        if (KernelFacts.Running >= new Version(5, 14))
        {
            Assert.True(map.TryTake(1, out ulong taken));
            Assert.Equal(11ul, taken);
        }

        map.Remove(1);
        Assert.False(map.ContainsKey(1));
        Assert.Equal([(3u, 30ul), (4u, 40ul)], Entries(map));
        map.Update([3u, 5u], [3ul, 5ul]);
        Assert.Equal([(3u, 3ul), (4u, 40ul), (5u, 5ul)], Entries(map));
        if (KernelFacts.Running >= new Version(5, 14))
        {
            Assert.Equal(3, map.TakeAll(batch));
            Assert.Empty(map);
        }
    }

    [Fact]
    public void A_map_goes_on_in_the_kernels_map_of_the_version_that_had_its_layout()
    {
        using Carry live = Carry.Open().Load();
        uint first = live.Live.GetMap("wider").Id;
        live.Maps.Wider[1] = new Carry.Extremes { Highest = 1, Change = 1 };
        live.Live.HotReload(CarryNext.Open().Object);
        uint second = live.Live.GetMap("wider").Id;
        for (int reload = 0; reload < 6; reload++)
        {
            live.Live.HotReload(reload % 2 == 0 ? Carry.Open().Object : CarryNext.Open().Object);
            Assert.Equal(reload % 2 == 0 ? first : second, live.Live.GetMap("wider").Id);
        }

        Assert.NotEqual(first, second);
        Assert.Equal(new CarryNext.Extremes { Highest = 1, Change = 1 }, new BpfHashMap<uint, CarryNext.Extremes>(live.Live.GetMap("wider"))[1]);
    }

    [Fact]
    public void A_map_that_a_version_lacks_comes_back_with_its_values()
    {
        using Carry live = Carry.Open().Load();
        live.Maps.Going[1] = 10;
        BpfReload report = live.Live.HotReload(CarryNext.Open().Object);
        Assert.Equal((false, false, "the new version does not have it"), (Of(report, "going").IsKept, Of(report, "going").IsCarriedOver, Of(report, "going").Because));
        Assert.Equal(10ul, new BpfHashMap<uint, ulong>(Of(report, "going").Aside!)[1]);
        Assert.Equal("it is new", Of(report, "coming").Because);

        live.HotReload(Carry.Open());
        Assert.Equal(10ul, live.Maps.Going[1]);
        Assert.Equal(10ul, new BpfHashMap<uint, ulong>(live.Live.GetMap("going"))[1]);
    }

    [Fact]
    public void An_array_with_more_elements_is_taken_over()
    {
        using Carry live = Carry.Open().Load();
        live.Maps.More.CopyFrom([1, 2, 3, 4]);
        live.Live.HotReload(CarryNext.Open().Object);
        Write(live.Live.GetMap("more"), 3, 10);
        Write(live.Live.GetMap("more"), 7, 8);

        ulong[] all = new ulong[8];
        live.Maps.More.CopyTo(all);
        Assert.Equal([1, 2, 3, 14, 0, 0, 0, 8], all);
        Assert.Equal((8, 14ul), (live.Maps.More.Count, live.Maps.More[3]));
    }

    [Theory]
    [InlineData("narrower", "its value has 4 bytes and had 8: greater values would not fit")]
    [InlineData("retagged", "its value has the tag HM_MAX and had HM_SUM")]
    [InlineData("rekeyed", "its key has another type")]
    [InlineData("lacking", "member 'last' has no tag of hypermesh/reload.h")]
    [InlineData("bare", "its value has no tag of hypermesh/reload.h")]
    [InlineData("fewer", "it has fewer elements")]
    public void What_would_lose_values_is_kept_aside_with_the_reason(string name, string reason)
    {
        using Carry live = Carry.Open().Load();
        Write(live.Live.GetMap(name), 2, 77);
        BpfMapReload report = Of(live.Live.HotReload(CarryNext.Open().Object), name);

        Assert.Equal((false, false), (report.IsKept, report.IsCarriedOver));
        Assert.EndsWith("; " + reason, report.Because, StringComparison.Ordinal);
        Assert.Equal(77ul, Read(report.Aside!, 2));
        Assert.Equal(0ul, Read(live.Live.GetMap(name), 2));
    }

    [Fact]
    public void Tagged_variables_have_their_values_and_others_begin_anew()
    {
        using Carry live = Carry.Open().Load();
        (live.Globals.Requests, live.Globals.State, live.Globals.Warmest, live.Globals.Grown, live.Globals.Shrunk, live.Globals.Slots) = (100, 5, -7, 30, 60, default);
        SetSlot(live, 2, 9);
        BpfReload report = live.Live.HotReload(CarryNext.Open().Object);

        Assert.Equal((100ul, 0ul, -7L), (live.Globals.Requests, live.Globals.State, live.Globals.Warmest));
        Assert.Equal(9ul, live.Globals.Slots[2]);
        BpfMapReload zeros = Of(report, ".bss");
        Assert.Equal((false, false), (zeros.IsKept, zeros.IsCarriedOver));
        Assert.Contains("section '.bss' has other variables; member 'shrunk' has 4 bytes and had 8: greater values would not fit; without a tag of hypermesh/reload.h: ", zeros.Because, StringComparison.Ordinal);
        Assert.Contains("state", zeros.Because, StringComparison.Ordinal);

        // By the names of the new version, which has them at other places.
        Assert.Equal(30ul, Global<ulong>(live.Live, "grown"));
        Assert.Equal(100ul, Global<ulong>(live.Live, "requests"));
        live.Globals.Requests = 3;
        Assert.Equal((3ul, 3ul), (live.Globals.Requests, Global<ulong>(live.Live, "requests")));

        // The version before goes on with its own, but not with what it noted for itself.
        live.Globals.State = 8;
        live.HotReload(Carry.Open());
        Assert.Equal((3ul, 0ul, -7L, 30u, 60ul), (live.Globals.Requests, live.Globals.State, live.Globals.Warmest, live.Globals.Grown, live.Globals.Shrunk));
    }

    [Fact]
    public void Variables_that_programs_count_in_go_on()
    {
        Carry.Spec first = Carry.Open();
        first.Programs.Count.Enabled = true;
        using Carry live = first.Load(new BpfLoadOptions { Reloadable = true });
        live.Attach();
        ulong seen = 0;
        for (int reload = 0; reload < 10; reload++)
        {
            LibC.Syscall(39, 0, 0, 0, 0, 0);
            ulong now = live.Globals.Requests;
            Assert.True(now > seen, $"{now} after {seen}");
            seen = now;
            BpfObjectSpec next = reload % 2 == 0 ? CarryNext.Open().Object : Carry.Open().Object;
            next.Program("count").Enabled = true;

            // The second version reads farther than the dispatcher of the first one, and gets one of its own, which serves both.
            Assert.Equal(reload == 0 ? BpfReloadWay.Overlapped : BpfReloadWay.Dispatched, live.Live.HotReload(next).Programs.Single().Way);
            Assert.True(live.Globals.Requests >= seen);
        }

        live.Programs.Count.Links.Single().Dispose();
        Assert.Equal(live.Globals.Requests, live.Globals.Slots[1]);
    }

    private static BpfMapReload Of(BpfReload report, string name) => report.Maps.Single(one => one.Name == name);

    private static (uint, ulong)[] Entries(BpfHashMap<uint, ulong> map) => [.. map.Select(static entry => (entry.Key, entry.Value)).Order()];

    private static T Global<T>(BpfObject live, string name)
        where T : unmanaged
        => live.SectionOf(name, out int offset).Read<T>(offset);

    private static void SetSlot(Carry live, int index, ulong value)
    {
        var slots = live.Globals.Slots;
        slots[index] = value;
        live.Globals.Slots = slots;
    }

    // The map alone, as a program writes to it. Keys and values may be shorter: both are little-endian.
    private static unsafe void Write(BpfMapHandle map, ulong key, ulong value)
    {
        ulong* room = stackalloc ulong[8];
        room[0] = value;
        Assert.Equal(0, MapCalls.OwnUpdate(map, &key, room));
    }

    private static unsafe ulong Read(BpfMapHandle map, ulong key)
    {
        ulong* room = stackalloc ulong[8];
        return MapCalls.Lookup(map, &key, room) < 0 ? 0 : room[0];
    }
}
