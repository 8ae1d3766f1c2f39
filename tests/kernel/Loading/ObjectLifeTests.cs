using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>What an object lives through: pins of all its parts, one of its programs loaded once more, limits of the process.</summary>
public sealed class ObjectLifeTests : KernelTest
{
    [Fact]
    [Row("lifecycle", "pin/unpin maps, progs, links, whole object")]
    public void A_whole_object_is_pinned_and_unpinned() => Sandbox.WithBpfFileSystem(root =>
    {
        Needs(BpfFeature.SyscallProgram);
        string folder = Path.Combine(root, "parts");
        string[] names = ["_data_own", "add", "counts", "on_switch", "parts_bss", "parts_data", "parts_rodata"];
        uint id;
        using (Parts live = Parts.Open().Load())
        {
            id = live.Programs.Add.Id;
            live.Live.Pin(folder);
            Assert.Equal(names, Names(folder));
            Assert.Equal(Errno.EEXIST, Assert.Throws<BpfSyscallException>(() => live.Live.Pin(folder)).Errno);
            Assert.Equal(names, Names(folder));
            live.Live.Unpin(folder);
            Assert.Empty(Names(folder));
            Assert.Equal(Errno.ENOENT, Assert.Throws<BpfSyscallException>(() => live.Live.Unpin(folder)).Errno);

            // All or nothing: the last name is taken.
            Directory.CreateDirectory(Path.Combine(folder, "on_switch"));
            Assert.Throws<BpfSyscallException>(() => live.Live.Pin(folder));
            Assert.Equal(["on_switch"], Names(folder));
            Directory.Delete(Path.Combine(folder, "on_switch"));
            live.Live.Pin(folder);
        }

        using BpfPinnedProgram<BpfSyscallProgram> program = BpfPinnedProgram<BpfSyscallProgram>.Open(Path.Combine(folder, "add"), "syscall");
        using BpfMapHandle counts = BpfMapHandle.OpenPinned(Path.Combine(folder, "counts"));
        var run = new Run(9, 0);
        Assert.Equal((id, 5), (program.Program.Id, program.Program.Run(ref run)));
        Assert.Equal(1ul, new BpfHashMap<uint, ulong>(counts)[9]);
    });

    [Fact]
    [Row("lifecycle", "program clone (bpf_program__clone)")]
    public void A_program_is_loaded_twice_on_the_same_map()
    {
        Needs(BpfFeature.SyscallProgram);
        Parts first = Own(Parts.Open().Load());
        BpfMapHandle counts = first.Live.GetMap("counts");
        Parts.Spec spec = Parts.Open();
        spec.Programs.OnSwitch.Enabled = false;
        Parts second = Own(spec.Load(new BpfLoadOptions { ReplacedMaps = new Dictionary<string, BpfMapHandle> { ["counts"] = counts } }));
        var run = new Run(4, 0);

        first.Programs.Add.Run(ref run);
        second.Programs.Add.Run(ref run);

        Assert.NotEqual(first.Programs.Add.Id, second.Programs.Add.Id);
        Assert.Equal(first.Programs.Add.GetInfo().Tag, second.Programs.Add.GetInfo().Tag);
        Assert.Equal(2ul, new BpfHashMap<uint, ulong>(counts)[4]);
    }

    [Fact]
    [Row("lifecycle", "RLIMIT_MEMLOCK handling")]
    public void The_limit_of_locked_memory_is_raised_where_maps_count_against_it_and_only_there()
    {
        // Ours was raised before the first map, where it had to be.
        using BpfMapHandle large = Create(BpfMapType.Array, 4, 1024, 65536);
        string[] limits = File.ReadLines("/proc/self/limits").Single(static line => line.StartsWith("Max locked memory", StringComparison.Ordinal))["Max locked memory".Length..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.NotEqual(0u, large.Id);
        Assert.True(KernelFacts.Has(BpfFeature.MemoryAccounting) || limits[0] == "unlimited", $"the limit is {limits[0]}");
    }

    [Fact]
    [Row("sections", "license, version")]
    public void A_program_is_held_to_its_license()
    {
        Licensed live = Own(Licensed.Open().Load());
        Assert.False(live.Programs.Unrestricted.GetInfo().IsGplCompatible);

        Licensed.Spec spec = Licensed.Open();
        Assert.Equal(("Proprietary", 0x050a01u), (spec.Object.License, spec.Object.KernelVersion));
        spec.Programs.Restricted.Enabled = true;
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => spec.Load());
        Assert.Contains("GPL", refusal.Reason, StringComparison.Ordinal);
        Assert.Equal("restricted", refusal.SubjectName);
    }

    private static string[] Names(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private record struct Run(uint Input, uint Result);
}
