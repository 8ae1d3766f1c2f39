using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>How the maps of an object come to be: pinned, found, replaced, asked for twice.</summary>
public sealed unsafe class MapLoadTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void AMapThatIsNotPinnedYetIsCreatedAndPinned()
    {
        string? path = null;
        _kernel.OnBpf = (command, attributes) =>
        {
            path = command == BpfCommand.ObjectPin ? Text(((ObjectPinAttr*)attributes)->Pathname) : path;
            return null;
        };

        Load(Pinned()).Dispose();

        Assert.Equal("/run/bpf/events", path);
        Assert.Contains("mkdir /run/bpf", _kernel.Calls);
        Clean();
    }

    [Fact]
    public void APinnedMapIsTakenWhenItIsTheSame()
    {
        BpfObjectSpec spec = Pinned();
        AnswerPinned(spec.Maps[0], static _ => { });

        using (BpfObject live = Load(spec))
        {
            Assert.DoesNotContain(_kernel.Calls, static call => call == "BPF_OBJ_PIN");
            Assert.True(live.GetMap("events").IsCreated);
        }

        Clean();
    }

    [Fact]
    public void APinnedMapThatDiffersIsRefusedAndTheDifferenceTold()
    {
        BpfObjectSpec spec = Pinned();
        AnswerPinned(spec.Maps[0], static info =>
        {
            ((RawMapInfo*)info)->Type = (uint)BpfMapType.LruHash;
            ((RawMapInfo*)info)->KeySize = 8;
        });

        var reason = Assert.Throws<BpfException>(() => Load(spec));

        Assert.Contains("type LruHash instead of Hash, key size 8 instead of 4", reason.Message, StringComparison.Ordinal);
        Assert.Contains("/run/bpf/events", reason.Message, StringComparison.Ordinal);
        Clean();
    }

    [Fact]
    public void WhoPinsFirstHasTheMap()
    {
        BpfObjectSpec spec = Pinned();
        AnswerPinned(spec.Maps[0], static _ => { });
        int asked = 0;
        Func<BpfCommand, nint, long?> pinned = _kernel.OnBpf!;
        _kernel.OnBpf = (command, attributes) => command switch
        {
            BpfCommand.ObjectGet when asked++ == 0 => -Errno.ENOENT,
            BpfCommand.ObjectPin => -Errno.EEXIST,
            _ => pinned(command, attributes),
        };

        Load(spec).Dispose();

        Assert.Equal(2, asked);
        Clean();
    }

    [Theory]
    [InlineData(BpfCommand.ObjectPin, Errno.EPERM)]
    [InlineData(BpfCommand.ObjectPin, Errno.ENOSPC)]
    [InlineData(BpfCommand.ObjectGet, Errno.EACCES)]
    public void APinThatIsRefusedLeavesNothing(BpfCommand command, int errno)
    {
        _kernel.Answer(command, -errno);
        _kernel.Files["/proc/self/mountinfo"] = "22 1 0:21 / / rw - ext4 /dev/vda rw\n30 22 0:30 / /sys/fs/bpf rw - bpf bpf rw\n"u8.ToArray();

        BpfSyscallException reason = Assert.ThrowsAny<BpfSyscallException>(() => Load(Pinned()));

        Assert.Equal((errno, "events"), (reason.Errno, reason.SubjectName));
        Assert.Equal(errno == Errno.EPERM, reason.Message.Contains("no BPF file system", StringComparison.Ordinal));
        Clean();
    }

    [Fact]
    public void TypesTheKernelRefusesAreLeftOut()
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
    [InlineData(BpfMapType.Queue, 0u, 8u)]
    [InlineData(BpfMapType.BloomFilter, 0u, 8u)]
    [InlineData(BpfMapType.Arena, 0u, 0u)]
    [InlineData(BpfMapType.UserRingBuf, 0u, 0u)]
    [InlineData(BpfMapType.Hash, 4u, 8u)]
    public void SizesTheKernelWantsNoneOfAreLeftOut(BpfMapType type, uint key, uint value)
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
    public void SizesAreRoundedToWhatTheKernelTakes(BpfMapType type, uint wanted, uint expected)
        => Assert.Equal(expected, MapCreator.Normalize(_kernel, new BpfMapDefinition("m", type, 0, 0, wanted)).MaxEntries);

    [Fact]
    public void AMapThatExistsStandsInAndStaysTheCallers()
    {
        using var mine = new BpfMapHandle(_kernel, new BpfMapDefinition("mine", BpfMapType.Hash, 4, 20, 65536), _kernel.NewHandle());
        using var other = new BpfMapHandle(_kernel, new BpfMapDefinition("other", BpfMapType.RingBuf, 0, 0, 4096), _kernel.NewHandle());

        using (BpfObject live = Load(Spec(), new() { ["events"] = mine }))
        {
            Assert.Equal(65536u, live.GetMap("events").MaxEntries);
        }

        Assert.False(mine.Handle.IsClosed);
        Assert.Contains("type RingBuf instead of Hash", Assert.Throws<BpfException>(() => Load(Spec(), new() { ["events"] = other })).Message, StringComparison.Ordinal);
        Assert.Equal(2, _kernel.OpenDescriptors.Count);
    }

    private static BpfObjectSpec Spec() => BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");

    private static BpfObjectSpec Pinned()
    {
        BpfObjectSpec spec = Spec();
        spec.Maps[0].IsPinnedByName = true;
        return spec;
    }

    private BpfObject Load(BpfObjectSpec spec, Dictionary<string, BpfMapHandle>? replaced = null)
        => BpfObject.Load(spec, new BpfLoadOptions { Kernel = _kernel, KernelTypes = TestData.Btf(spec.Elf), PinRoot = "/run/bpf/", ReplacedMaps = replaced ?? [] });

    // A pin there is, and it is the map of the spec but for what the test changes.
    private void AnswerPinned(BpfMapSpec map, Action<nint> change)
    {
        int pinned = -1;
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command == BpfCommand.ObjectGet)
            {
                // Handed over: the loader closes it.
                using BpfHandle handle = _kernel.NewHandle();
                pinned = (int)handle.DangerousGetHandle();
                handle.SetHandleAsInvalid();
                return pinned;
            }

            if (command == BpfCommand.ObjectGetInfoByDescriptor && ((ObjectInfoAttr*)attributes)->BpfFd == pinned)
            {
                var info = (RawMapInfo*)((ObjectInfoAttr*)attributes)->Info;
                info->Type = (uint)map.Type;
                info->KeySize = map.KeySize;
                info->ValueSize = map.ValueSize;
                info->MaxEntries = map.MaxEntries;
                change((nint)info);
            }

            return null;
        };
    }

    private void Clean()
    {
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }

    private static string Text(ulong address) => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)address)!;

    [Theory]
    [InlineData(BpfMapType.Hash, 4, 8, 0, "states no max_entries: write __uint(max_entries, 1024);")]
    [InlineData(BpfMapType.Array, 0, 8, 4, "states no key: write __type(key, TYPE);")]
    [InlineData(BpfMapType.LpmTrie, 8, 0, 0, "states no max_entries and no value")]
    [InlineData(BpfMapType.RingBuf, 0, 0, 0, "states no max_entries")]
    public void A_map_that_is_refused_is_told_what_its_definition_lacks(BpfMapType type, uint key, uint value, uint entries, string lacking)
    {
        var kernel = new ScriptedKernel().Answer(BpfCommand.MapCreate, -Errno.EINVAL);

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(kernel, new BpfMapDefinition("m", type, key, value, entries)));

        Assert.Contains(lacking, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapType.Hash, 4, 8, 16)]
    [InlineData(BpfMapType.TaskStorage, 4, 8, 0)]
    public void A_map_that_is_refused_for_another_reason_is_not(BpfMapType type, uint key, uint value, uint entries)
    {
        var kernel = new ScriptedKernel().Answer(BpfCommand.MapCreate, -Errno.E2BIG);

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(kernel, new BpfMapDefinition("m", type, key, value, entries)));

        Assert.DoesNotContain("states no", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapType.RingBuf, 0, 0, 0, "MaxEntries of the map's spec was set to 0, and the kernel takes no such map; the C states 65536.")]
    [InlineData(BpfMapType.Hash, 4, 0, 8, "ValueSize of the map's spec was set to 0, and the kernel takes no such map; the C states 8.")]
    [InlineData(BpfMapType.Hash, 0, 8, 8, "KeySize of the map's spec was set to 0, and the kernel takes no such map; the C states 4.")]
    public void A_map_whose_spec_was_cleared_does_not_blame_the_c(BpfMapType type, uint key, uint value, uint entries, string says)
    {
        var kernel = new ScriptedKernel().Answer(BpfCommand.MapCreate, -Errno.EINVAL);
        var definition = new BpfMapDefinition("m", type, key, value, entries) { Stated = type == BpfMapType.RingBuf ? (0u, 0u, 65536u) : (4u, 8u, 65536u) };

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => MapCreator.Create(kernel, definition));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("states no", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapType.ProgArray, Errno.EINVAL, "Use one array for each type of program.")]
    [InlineData(BpfMapType.HashOfMaps, Errno.EINVAL, "the same type, key size, value size, flags")]
    [InlineData(BpfMapType.DevMap, Errno.EINVAL, "SEC(\"xdp/devmap\")")]
    [InlineData(BpfMapType.CpuMap, Errno.EINVAL, "SEC(\"xdp/cpumap\")")]
    [InlineData(BpfMapType.CpuMap, Errno.EOVERFLOW, "at most 16384 packets")]
    [InlineData(BpfMapType.SockMap, Errno.EOPNOTSUPP, "after Connect or Listen")]
    [InlineData(BpfMapType.ReusePortSockArray, Errno.EINVAL, "SO_REUSEPORT")]
    [InlineData(BpfMapType.CGroupArray, Errno.EBADF, "cgroup2")]
    [InlineData(BpfMapType.LpmTrie, Errno.EINVAL, "at most 32 for an IPv4 address")]
    [InlineData(BpfMapType.LpmTrie, Errno.ENOSPC, "raise max_entries")]
    [InlineData(BpfMapType.XskMap, Errno.EOPNOTSUPP, "AF_XDP")]
    [InlineData(BpfMapType.Array, Errno.EINVAL, "BPF_F_LOCK")]
    public void An_element_that_is_refused_says_what_the_kernel_checks(BpfMapType type, int errno, string says)
    {
        var kernel = new ScriptedKernel();
        using var map = new BpfMapHandle(kernel, new BpfMapDefinition("m", type, 4, 8, 16), kernel.NewHandle(), "obj");

        Assert.Contains(says, MapErrors.Of(map, BpfCommand.MapUpdateElement, -errno, "Writing map m").Message, StringComparison.Ordinal);
        Assert.Contains("known to the caller.", MapErrors.Of(map, BpfCommand.MapUpdateElement, -errno, "Writing map m", "This is known to the caller.").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapType.Hash, "The map is full: its max_entries is 16.", "BPF_MAP_TYPE_LRU_HASH")]
    [InlineData(BpfMapType.PerCpuHash, "The map is full: its max_entries is 16.", "BPF_MAP_TYPE_LRU_PERCPU_HASH")]
    [InlineData(BpfMapType.LpmTrie, "The map is full: its max_entries is 16.", "MaxEntries of the map's spec before Load")]
    [InlineData(BpfMapType.Array, "The index lies behind the last one: the map has 16 elements (max_entries), 0 to 15.", "")]
    [InlineData(BpfMapType.LruHash, "E2BIG", "")]
    public void A_map_without_room_says_so_and_what_to_do(BpfMapType type, string says, string remedy)
    {
        var kernel = new ScriptedKernel();
        using var map = new BpfMapHandle(kernel, new BpfMapDefinition("m", type, 4, 8, 16), kernel.NewHandle(), "obj");

        foreach (BpfCommand command in (BpfCommand[])[BpfCommand.MapUpdateElement, BpfCommand.MapUpdateBatch])
        {
            string message = MapErrors.Of(map, command, -Errno.E2BIG, "Writing map m").Message;
            Assert.Contains(says, message, StringComparison.Ordinal);
            Assert.Contains(remedy, message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("full", MapErrors.Of(map, BpfCommand.MapUpdateElement, -Errno.ENOMEM, "Writing map m").Message, StringComparison.Ordinal);
    }
}
