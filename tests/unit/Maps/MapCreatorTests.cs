using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Maps;

/// <summary>How a map is asked for, and what is said when the kernel refuses to make it.</summary>
public sealed unsafe class MapCreatorTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void A_map_is_created_without_types_where_the_kernel_rejects_them()
    {
        var asked = new List<(uint Btf, uint Value)>();
        _kernel.OnBpf = (command, attributes) =>
        {
            var map = (MapCreateAttr*)attributes;
            if (command != BpfCommand.MapCreate || map->MapType != (uint)BpfMapType.Hash || map->ValueSize != 8)
            {
                return null;
            }

            asked.Add((map->BtfFd, map->BtfValueTypeId));
            return map->BtfFd != 0 ? -Errno.EINVAL : null;
        };
        using var btf = _kernel.NewHandle();

        MapCreator.Create(_kernel, new BpfMapDefinition("m", BpfMapType.Hash, 4, 8, 1) { Btf = btf, KeyTypeId = 1, ValueTypeId = 2 }).Dispose();

        Assert.Equal([((uint)btf.DangerousGetHandle(), 2u), (0u, 0u)], asked);
    }

    [Theory]
    [InlineData(BpfMapType.Queue, 0, 8)]
    [InlineData(BpfMapType.BloomFilter, 0, 8)]
    [InlineData(BpfMapType.Arena, 0, 0)]
    [InlineData(BpfMapType.UserRingBuf, 0, 0)]
    [InlineData(BpfMapType.Hash, 4, 8)]
    public void Sizes_that_a_type_of_map_must_not_state_are_cleared(BpfMapType type, int key, int value)
    {
        BpfMapDefinition definition = MapCreator.Normalize(_kernel, new BpfMapDefinition("m", type, 4, 8, 4096) { KeyTypeId = 1, ValueTypeId = 2 });

        Assert.Equal((key, value), (definition.KeySize, definition.ValueSize));
        Assert.Equal((key != 0, value != 0), (definition.KeyTypeId != 0, definition.ValueTypeId != 0));
    }

    [Theory]
    [InlineData(BpfMapType.RingBuf, 0u, 0u)]
    [InlineData(BpfMapType.RingBuf, 5000u, 8192u)]
    [InlineData(BpfMapType.UserRingBuf, 1u, 4096u)]
    [InlineData(BpfMapType.PerfEventArray, 0u, 4u)]
    [InlineData(BpfMapType.PerfEventArray, 2u, 2u)]
    public void Sizes_are_rounded_to_what_the_kernel_accepts(BpfMapType type, uint wanted, uint expected)
        => Assert.Equal(expected, MapCreator.Normalize(_kernel, new BpfMapDefinition("m", type, 0, 0, wanted)).MaxEntries);

    [Theory]
    [InlineData(BpfMapType.Hash, 4, 8, 0, "has no max_entries: write __uint(max_entries, 1024);")]
    [InlineData(BpfMapType.Array, 0, 8, 4, "has no key: write __type(key, TYPE);")]
    [InlineData(BpfMapType.LpmTrie, 8, 0, 0, "has no max_entries and no value")]
    [InlineData(BpfMapType.RingBuf, 0, 0, 0, "has no max_entries")]
    public void A_map_that_is_refused_names_what_its_definition_lacks(BpfMapType type, int key, int value, uint entries, string lacking)
    {
        var kernel = new ScriptedKernel().Answer(BpfCommand.MapCreate, -Errno.EINVAL);

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(kernel, new BpfMapDefinition("m", type, key, value, entries)));

        Assert.Contains(lacking, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapType.Hash, 4, 8, 4_000_000_000, -Errno.E2BIG, "4,000,000,000 entries would take about 302 GiB of kernel memory")]
    [InlineData(BpfMapType.Array, 4, 8, 4_000_000_000, -Errno.E2BIG, "4,000,000,000 entries would take about 30 GiB of kernel memory")]
    [InlineData(BpfMapType.PerCpuArray, 4, 64, 100_000_000, -Errno.ENOMEM, "100,000,000 entries, with a value for each of 2 CPUs, would take about 12 GiB of kernel memory")]
    [InlineData(BpfMapType.LruHash, 4, 8, 100_000_000, -Errno.ENOMEM, "Lower max_entries in the C, or MaxEntries of the map's spec.")]
    [InlineData(BpfMapType.Hash, 4, 8, 100_000_000, -Errno.ENOMEM, "BPF_F_NO_PREALLOC")]
    [InlineData(BpfMapType.RingBuf, 0, 0, 1u << 31, -Errno.E2BIG, "max_entries is its size in bytes")]
    public void A_map_that_is_too_large_says_how_much_memory_it_would_take(BpfMapType type, int key, int value, uint entries, long result, string why)
    {
        var kernel = new ScriptedKernel { Files = { ["/sys/devices/system/cpu/possible"] = System.Text.Encoding.UTF8.GetBytes("0-1\n") } }.Answer(BpfCommand.MapCreate, result, result);

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(kernel, new BpfMapDefinition("m", type, key, value, entries)));

        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapType.Hash, 4, 8, 16)]
    [InlineData(BpfMapType.TaskStorage, 4, 8, 0)]
    public void A_map_that_is_refused_for_another_reason_does_not_blame_its_definition(BpfMapType type, int key, int value, uint entries)
    {
        var kernel = new ScriptedKernel().Answer(BpfCommand.MapCreate, -Errno.E2BIG);

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(kernel, new BpfMapDefinition("m", type, key, value, entries)));

        Assert.DoesNotContain("The definition has no", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("kernel memory", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapType.RingBuf, 0, 0, 0, "MaxEntries of the map's spec was set to 0, which the kernel rejects; the C declares 65536.")]
    [InlineData(BpfMapType.Hash, 4, 0, 8, "ValueSize of the map's spec was set to 0, which the kernel rejects; the C declares 8.")]
    [InlineData(BpfMapType.Hash, 0, 8, 8, "KeySize of the map's spec was set to 0, which the kernel rejects; the C declares 4.")]
    public void A_map_whose_spec_was_cleared_does_not_blame_the_C(BpfMapType type, int key, int value, uint entries, string says)
    {
        var kernel = new ScriptedKernel().Answer(BpfCommand.MapCreate, -Errno.EINVAL);
        var definition = new BpfMapDefinition("m", type, key, value, entries) { Stated = type == BpfMapType.RingBuf ? (0, 0, 65536u) : (4, 8, 65536u) };

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(kernel, definition));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("The definition has no", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(5000u, 8192u)]
    [InlineData(0x8000_0000u, 0x8000_0000u)]
    [InlineData(0x8000_0001u, 0x8000_0001u)]
    public void A_ring_is_created_with_a_size_the_kernel_supports(uint wanted, uint asked)
    {
        uint entries = 0;
        _kernel.OnBpf = (command, attributes) =>
        {
            entries = command == BpfCommand.MapCreate ? ((MapCreateAttr*)attributes)->MaxEntries : entries;
            return null;
        };
        MapCreator.Create(_kernel, new BpfMapDefinition("ring", BpfMapType.RingBuf, 0, 0, wanted)).Dispose();
        Assert.Equal(asked, entries);
    }
}
