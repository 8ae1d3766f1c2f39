using Hypermesh.Bpf.AbiGenerator;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Probing;

public sealed class SystemTests : KernelTest
{
    // The first version of Linux that has each.
    private static readonly Dictionary<BpfFeature, string> s_since = new()
    {
        [BpfFeature.KernelBtf] = "5.4",
        [BpfFeature.Btf] = "4.18",
        [BpfFeature.ObjectNames] = "4.15",
        [BpfFeature.GlobalData] = "5.2",
        [BpfFeature.MappableArrays] = "5.5",
        [BpfFeature.BatchOperations] = "5.6",
        [BpfFeature.RingBuffer] = "5.8",
        [BpfFeature.TaskStorageInTracing] = "5.12",
        [BpfFeature.MemoryAccounting] = "5.11",
        [BpfFeature.PerfEventLink] = "5.15",
        [BpfFeature.Link] = "5.7",
        [BpfFeature.TaskStorage] = "5.11",
        [BpfFeature.HashTake] = "5.14",
        [BpfFeature.PerCpuFlags] = "7.0",
        [BpfFeature.SyscallProgram] = "5.14",
        [BpfFeature.LoopHelper] = "5.17",
        [BpfFeature.TcxLink] = "6.6",
        [BpfFeature.BtfFunctions] = "5.0",
        [BpfFeature.BtfGlobalFunctions] = "5.6",
        [BpfFeature.BtfDataSections] = "5.2",
        [BpfFeature.BtfQuestionMarkSections] = "6.9",
        [BpfFeature.BtfFloat] = "5.13",
        [BpfFeature.BtfDeclarationTags] = "5.16",
        [BpfFeature.BtfTypeTags] = "5.17",
        [BpfFeature.BtfEnum64] = "6.0",
        [BpfFeature.AttachCookie] = "5.15",
        [BpfFeature.KProbeMultiLink] = "5.18",
        [BpfFeature.UProbeMultiLink] = "6.6",
        [BpfFeature.SyscallWrapper] = "4.17",
        [BpfFeature.NetkitLink] = "6.7",
        [BpfFeature.CGroupOrder] = "6.17",
        [BpfFeature.ContextTags] = "6.8",
        [BpfFeature.TracingMultiLink] = "7.2",
        [BpfFeature.JumpTables] = "6.19",
        [BpfFeature.UseWithoutCapabilities] = "5.19",
    };

    private static readonly HashSet<BpfFeature> s_configured =
        [BpfFeature.KProbeMultiLink, BpfFeature.UProbeMultiLink, BpfFeature.SyscallWrapper, BpfFeature.NetkitLink, BpfFeature.TracingMultiLink];

    public static TheoryData<BpfFeature> Features => [.. Enum.GetValues<BpfFeature>()];

    [Fact]
    public void Kernel_types_are_shared_and_end_with_their_last_user()
    {
        KernelBtf first = KernelBtf.Acquire();
        KernelBtf second = KernelBtf.Acquire();
        Assert.Same(first.Types, second.Types);
        Assert.NotEqual(0, first.Types.Find("task_struct", BtfKind.Struct));
        first.Dispose();
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Types);
        Assert.NotEqual(0, second.Types.Find("task_struct", BtfKind.Struct));
        second.Dispose();
    }

    [Theory]
    [MemberData(nameof(Features))]
    public void This_kernel_has_every_feature_of_its_age(BpfFeature feature)
    {
        Assert.True(s_since.TryGetValue(feature, out string? since), $"say here from which version on Linux has {feature}");
        BpfFeatureResult result = BpfFeatures.Current.Check(feature);
        Assert.Equal(result.State != BpfFeatureState.Absent, BpfFeatures.Current.Has(feature));
        if (result.State == BpfFeatureState.Supported)
        {
            // An older one may have it too: distributions carry features back.
            return;
        }

        // The kernel's policy may refuse programs at functions, which the tests' own canary shows; some features are also a matter of the kernel's configuration.
        bool isRefused = feature is BpfFeature.TracingMultiLink && result.State == BpfFeatureState.Refused && Canary.Of("fentry/bpf_fentry_test1").Try() == -Errno.EPERM;
        bool isConfiguredOut = s_configured.Contains(feature) && !KernelFacts.Has(feature);
        Assert.True(isRefused || isConfiguredOut || (result.State == BpfFeatureState.Absent && KernelFacts.Running < Version.Parse(since)), result.ToString());
    }

    [Fact]
    public void What_this_kernel_is_too_old_for_is_named_with_the_age_it_takes()
    {
        BpfFeature[] missing = [.. new[] { BpfFeature.TaskStorage, BpfFeature.HashTake, BpfFeature.SyscallProgram, BpfFeature.TcxLink }.Where(static feature => !KernelFacts.Has(feature))];
        Assert.SkipWhen(missing.Length == 0, "this kernel has every feature there is a probe for, so none can be refused for its age");
        foreach (BpfFeature feature in missing)
        {
            var told = Assert.Throws<BpfFeatureNotSupportedException>(() => Use(feature));
            Assert.StartsWith("Linux ", told.Needs, StringComparison.Ordinal);
            Assert.Contains(told.Needs, told.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Possible_cpus_are_those_of_the_kernel()
    {
        int online = Directory.GetDirectories("/sys/devices/system/cpu", "cpu*").Count(path => int.TryParse(Path.GetFileName(path)[3..], out _));
        Assert.True(PossibleCpus.Current.Count >= online);
        Assert.Equal(0, PossibleCpus.Current.Numbers[0]);
    }

    [Fact]
    public void Globals_are_memory_shared_with_the_map()
    {
        BpfMapHandle map = Create(BpfMapType.Array, 4, 100, 1, MapFlags.Mappable);
        byte[] image = new byte[100];
        image[96] = 5;
        BpfGlobalSection.WriteImage(map, image);
        BpfGlobalSection section = BpfGlobalSection.Open(".data", map, isReadOnly: false);
        Assert.Equal(5u, section.Read<uint>(96));
        section.Write(8, 0x1122334455667788ul);
        Assert.Equal(0x1122334455667788ul, section.Read<ulong>(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => section.Read<uint>(97));
        Assert.Throws<ArgumentOutOfRangeException>(() => section.Write(-1, 1));
        map.Dispose();
        Assert.StartsWith("section .data", Assert.Throws<ObjectDisposedException>(() => section.Read<uint>(0)).ObjectName, StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_are_frozen()
    {
        BpfMapHandle map = Create(BpfMapType.Array, 4, 16, 1, MapFlags.ReadOnlyForPrograms | MapFlags.Mappable);
        BpfGlobalSection.WriteImage(map, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        map.Freeze();
        BpfGlobalSection section = BpfGlobalSection.Open(".rodata", map, isReadOnly: true);
        Assert.Equal(0x08070605u, section.Read<uint>(4));
        Assert.Contains("read-only", Assert.Throws<BpfException>(() => section.Write(0, 1)).Message, StringComparison.Ordinal);
        var error = Assert.Throws<BpfPermissionException>(() => BpfGlobalSection.WriteImage(map, new byte[16]));
        Assert.Equal(BpfRefusal.MapAccess, error.Refused);
        Assert.Contains("frozen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_syscall_program_changes_its_context()
    {
        Needs(BpfFeature.SyscallProgram);
        BpfSyscallProgram program = Load.Syscall([Code.Move(2, 11), Code.Store(1, 8, 2), Code.Load(0, 1, 0), Code.Exit()]);
        Own(new Unload(program));
        (ulong In, ulong Out) context = (7, 0);
        Assert.Equal(7, program.Run(ref context));
        Assert.Equal(11ul, context.Out);
    }

    [Fact]
    public void Instructions_are_checked_before_the_kernel_is_asked()
    {
        Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load([], BpfProgramType.SocketFilter));
        Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load(new byte[12], BpfProgramType.SocketFilter));
        Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load(new byte[8 * 1_000_001], BpfProgramType.SocketFilter));
        using var program = BpfInstructionProgram.Load(new[] { Code.Move(0, 0), Code.Exit() }.Bytes(), BpfProgramType.SocketFilter, "smallest");
        Assert.NotEqual(0u, program.Id);
        Assert.Equal(BpfProgramType.SocketFilter, program.GetInfo().Type);
    }

    [Fact]
    public void Instructions_alone_become_a_program_that_runs()
    {
        BpfInstruction[] drop = [Code.Move(0, 1), Code.Exit()];
        using var program = BpfInstructionProgram.Load(drop, BpfProgramType.Xdp, "drop_all");
        Assert.Equal(1u, program.TestRun(new byte[64]).ReturnValue);
    }

    [Fact]
    public void One_call_says_whether_something_is_supported()
    {
        Assert.True(BpfFeatures.IsSupported(BpfFeature.Btf));
        Assert.True(BpfFeatures.IsSupported(BpfProgramType.Xdp));
        Assert.True(BpfFeatures.IsSupported(BpfMapType.Hash));
        Assert.True(BpfFeatures.IsSupported(BpfProgramType.Xdp, "bpf_map_lookup_elem"));
        Assert.False(BpfFeatures.IsSupported(BpfProgramType.Xdp, "bpf_skb_load_bytes"));
        Assert.False(BpfFeatures.IsSupported((BpfMapType)0x7fff));
        Assert.False(BpfFeatures.IsSupported((BpfProgramType)0x7fff));
        Assert.Throws<ArgumentException>(() => BpfFeatures.IsSupported(BpfProgramType.Xdp, "bpf_no_such_helper"));
        foreach (BpfFeature feature in Enum.GetValues<BpfFeature>())
        {
            Assert.Equal(BpfFeatures.Current.Check(feature).State == BpfFeatureState.Supported, BpfFeatures.IsSupported(feature));
        }
    }

    [Fact]
    public void The_verifier_says_why()
    {
        var error = Assert.Throws<BpfVerifierException>(
            () => BpfInstructionProgram.Load(new[] { Code.Move(0, 0), Code.Load(0, 3, 0), Code.Exit() }.Bytes(), BpfProgramType.SocketFilter, "bad"));
        Assert.Equal(1, error.InstructionIndex);
        Assert.Contains("R3", error.Reason, StringComparison.Ordinal);
        Assert.Contains(error.Reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("processed", error.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_creation_name_the_map()
    {
        var error = Assert.Throws<BpfSyscallException>(() => Create(BpfMapType.Array, 3, 8, 1));
        Assert.Equal(22, error.Errno);
        Assert.Equal("t_Array", error.SubjectName);
        Assert.Equal("BPF_MAP_CREATE", error.Operation);
    }

    private void Use(BpfFeature feature)
    {
        switch (feature)
        {
            case BpfFeature.TaskStorage:
                Create(BpfMapType.TaskStorage, 4, 4, 0, MapFlags.NoPreallocation);
                break;
            case BpfFeature.HashTake:
                new BpfHashMap<uint, uint>(Create(BpfMapType.Hash, 4, 4, 1)).TryTake(1, out _);
                break;
            case BpfFeature.TcxLink:
                var program = new BpfSchedClassifierProgram(Load.Descriptor("tc", BpfProgramType.SchedCls, [Code.Move(0, 0), Code.Exit()]));
                Own(new Unload(program));
                program.Attach(NetworkDevice.FromName("lo"), PacketDirection.Ingress);
                break;
            default:
                BpfInstructionProgram.Load(new[] { Code.Move(0, 0), Code.Exit() }.Bytes(), BpfProgramType.Syscall).Dispose();
                break;
        }
    }
}
