using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Maps;

/// <summary>What is said when the kernel refuses an operation on a map.</summary>
public sealed class MapErrorTests
{
    private readonly ScriptedKernel _kernel = new();

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
    public void An_element_that_is_refused_names_what_the_kernel_checks(BpfMapType type, int errno, string says)
    {
        var kernel = new ScriptedKernel();
        using var map = new BpfMapHandle(kernel, new BpfMapDefinition("m", type, 4, 8, 16), kernel.NewHandle(), "obj");

        Assert.Contains(says, MapElementErrors.Of(map, BpfCommand.MapUpdateElement, -errno, "Writing map m").Message, StringComparison.Ordinal);
        Assert.Contains("known to the caller.", MapElementErrors.Of(map, BpfCommand.MapUpdateElement, -errno, "Writing map m", "This is known to the caller.").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapType.Hash, "The map is full: its max_entries is 16.", "BPF_MAP_TYPE_LRU_HASH")]
    [InlineData(BpfMapType.PerCpuHash, "The map is full: its max_entries is 16.", "BPF_MAP_TYPE_LRU_PERCPU_HASH")]
    [InlineData(BpfMapType.LpmTrie, "The map is full: its max_entries is 16.", "MaxEntries of the map's spec before Load")]
    [InlineData(BpfMapType.Array, "The index is after the last one: the map has 16 elements (max_entries), 0 to 15.", "")]
    [InlineData(BpfMapType.LruHash, "E2BIG", "")]
    public void A_full_map_is_reported_with_the_remedy(BpfMapType type, string says, string remedy)
    {
        var kernel = new ScriptedKernel();
        using var map = new BpfMapHandle(kernel, new BpfMapDefinition("m", type, 4, 8, 16), kernel.NewHandle(), "obj");

        foreach (BpfCommand command in (BpfCommand[])[BpfCommand.MapUpdateElement, BpfCommand.MapUpdateBatch])
        {
            string message = MapElementErrors.Of(map, command, -Errno.E2BIG, "Writing map m").Message;
            Assert.Contains(says, message, StringComparison.Ordinal);
            Assert.Contains(remedy, message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("full", MapElementErrors.Of(map, BpfCommand.MapUpdateElement, -Errno.ENOMEM, "Writing map m").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BpfMapFlags.None, "flags:\t02\nfrozen:\t1\n", BpfRefusal.MapAccess, "frozen")]
    [InlineData(BpfMapFlags.None, "flags:\t02\nfrozen:\t0\n", BpfRefusal.KernelPolicy, "policy")]
    [InlineData(BpfMapFlags.ReadOnly, "frozen:\t0\n", BpfRefusal.MapAccess, "BPF_F_RDONLY")]
    [InlineData(BpfMapFlags.WriteOnly, "frozen:\t0\n", BpfRefusal.KernelPolicy, "policy")]
    internal void A_read_only_or_frozen_map_is_reported(BpfMapFlags flags, string facts, BpfRefusal refused, string word)
    {
        BpfArrayMap<int> map = Array(flags, facts);
        _kernel.Answer(BpfCommand.MapUpdateElement, -Errno.EPERM);
        var error = Assert.Throws<BpfPermissionException>(() => map[0] = 1);
        Assert.Equal(refused, error.Refused);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.Equal("m", error.SubjectName);
        map.MapHandle.Dispose();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_write_only_map_is_reported()
    {
        BpfArrayMap<int> map = Array(BpfMapFlags.WriteOnly, "frozen:\t1\n");
        _kernel.Answer(BpfCommand.MapLookupElement, -Errno.EPERM);
        var error = Assert.Throws<BpfPermissionException>(() => map[0]);
        Assert.Equal(BpfRefusal.MapAccess, error.Refused);
        Assert.Contains("BPF_F_WRONLY", error.Message, StringComparison.Ordinal);
        map.MapHandle.Dispose();
    }

    private BpfArrayMap<int> Array(BpfMapFlags flags, string facts)
    {
        BpfMapHandle map = MapCreator.Create(_kernel, new BpfMapDefinition("m", BpfMapType.Array, 4, 4, 1, flags));
        _kernel.Files[$"/proc/self/fdinfo/{map.Handle.DangerousGetHandle()}"] = Encoding.ASCII.GetBytes(facts);
        return new BpfArrayMap<int>(map);
    }
}
