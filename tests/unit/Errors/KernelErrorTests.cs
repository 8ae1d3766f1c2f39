using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Errors;

public sealed class KernelErrorTests
{
    private readonly ScriptedKernel _kernel = new();

    [Theory]
    [InlineData("0000000000000000", (ulong)(Capabilities.Bpf), "CAP_BPF")]
    [InlineData("0000000000001000", (ulong)(Capabilities.Bpf | Capabilities.PerfMon), "CAP_BPF, CAP_PERFMON")]
    [InlineData("0000008000000000", (ulong)(Capabilities.Bpf | Capabilities.NetAdmin), "CAP_NET_ADMIN")]
    [InlineData("000000c000000000", (ulong)(Capabilities.SysAdmin), "CAP_SYS_ADMIN")]
    public void A_missing_capability_is_named(string effective, ulong needs, string missing)
    {
        _kernel.Files["/proc/thread-self/status"] = Encoding.ASCII.GetBytes($"Name:\tx\nCapEff:\t{effective}\n");
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading", (Capabilities)needs, "obj", "prog"));
        Assert.Equal(BpfRefusal.Capability, error.Refused);
        Assert.Equal(missing, error.MissingCapability);
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.Equal("obj", error.ObjectName);
        Assert.Equal("prog", error.SubjectName);
        Assert.Equal("BPF_PROG_LOAD", error.Operation);
    }

    [Fact]
    public void The_administrator_stands_in_for_the_network_when_programs_are_loaded()
    {
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t0000000000200000\n"u8.ToArray();
        Assert.Equal(BpfRefusal.KernelPolicy, Of(BpfCommand.ProgramLoad).Refused);
        Assert.Equal("CAP_NET_ADMIN", Of(BpfCommand.MapCreate).MissingCapability);

        BpfPermissionException Of(BpfCommand command)
            => Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, command, -Errno.EPERM, "Trying", Capabilities.Bpf | Capabilities.NetAdmin));
    }

    [Fact]
    public void Who_lacks_bpf_is_told_whatever_else_a_command_asks_for()
    {
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t0000000000001000\n"u8.ToArray();
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramQuery, -Errno.EPERM, "Listing", Capabilities.NetAdmin));
        Assert.Equal("CAP_BPF", error.MissingCapability);
    }

    [Fact]
    public void With_every_capability_it_is_policy()
    {
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.RawTracepointOpen, -Errno.EPERM, "Attaching", Capabilities.Bpf));
        Assert.Equal(BpfRefusal.KernelPolicy, error.Refused);
        Assert.Null(error.MissingCapability);
        Assert.DoesNotContain("memlock", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_distributions_own_bar_before_perf_events_is_named()
    {
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t000000c000000000\n"u8.ToArray();
        _kernel.Files["/proc/sys/kernel/perf_event_paranoid"] = "3\n"u8.ToArray();
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, "perf_event_open", -Errno.EACCES, "Attaching", Capabilities.Bpf | Capabilities.PerfMon));
        Assert.Contains("perf_event_paranoid", error.Message, StringComparison.Ordinal);
        Assert.Equal("CAP_SYS_ADMIN", error.MissingCapability);
    }

    [Fact]
    public void Lockdown_is_named()
    {
        _kernel.Files["/sys/kernel/security/lockdown"] = "none integrity [confidentiality]\n"u8.ToArray();
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading"));
        Assert.Equal(BpfRefusal.Lockdown, error.Refused);
        Assert.Contains("confidentiality", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lockdown_that_refuses_no_program_is_not_blamed()
    {
        _kernel.Files["/sys/kernel/security/lockdown"] = "none [integrity] confidentiality\n"u8.ToArray();
        Assert.Equal(BpfRefusal.KernelPolicy, Refusal(BpfCommand.ProgramLoad));
    }

    [Fact]
    public void Without_proc_nobody_is_told_what_he_lacks()
    {
        _kernel.Files.Remove("/proc/thread-self/status");
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading", Capabilities.Bpf | Capabilities.PerfMon));
        Assert.Equal((BpfRefusal.Unknown, null), (error.Refused, error.MissingCapability));
        Assert.Contains("CAP_BPF, CAP_PERFMON", error.Message, StringComparison.Ordinal);
        Assert.Contains("/proc", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lockdown_that_is_off_is_not_blamed()
    {
        _kernel.Files["/sys/kernel/security/lockdown"] = "[none] integrity confidentiality\n"u8.ToArray();
        Assert.Equal(BpfRefusal.KernelPolicy, Refusal(BpfCommand.ProgramLoad));
    }

    [Fact]
    public void A_user_namespace_is_told_of_tokens()
    {
        _kernel.Files["/proc/self/uid_map"] = "0 1000 1\n"u8.ToArray();
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading"));
        Assert.Equal(BpfRefusal.KernelPolicy, error.Refused);
        Assert.Contains("token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Locked_memory_is_blamed_only_where_it_counts()
    {
        _kernel.MemoryLockLimit = 65536;
        Assert.Equal(BpfRefusal.KernelPolicy, Refusal(BpfCommand.MapCreate));

        // A kernel that does not know the helper that came with memory accounting.
        var old = new ScriptedKernel { MemoryLockLimit = 65536 }.Answer(BpfCommand.ProgramLoad, -Errno.EINVAL);
        var error = Assert.IsType<BpfPermissionException>(FeatureErrors.Of(old, BpfCommand.MapCreate, -Errno.EPERM, "Creating"));
        Assert.Equal(BpfRefusal.ResourceLimit, error.Refused);
        Assert.Contains("65536", error.Message, StringComparison.Ordinal);
        Assert.Null(error.MissingCapability);

        // Who may not raise it is told with what he could.
        old = new ScriptedKernel { MemoryLockLimit = 65536 }.Answer(BpfCommand.ProgramLoad, -Errno.EINVAL);
        old.Files["/proc/thread-self/status"] = "CapEff:\t000000c000000000\n"u8.ToArray();
        error = Assert.IsType<BpfPermissionException>(FeatureErrors.Of(old, BpfCommand.MapCreate, -Errno.EPERM, "Creating"));
        Assert.Equal((BpfRefusal.ResourceLimit, "CAP_SYS_RESOURCE"), (error.Refused, error.MissingCapability));
    }

    [Theory]
    [InlineData(BpfFeature.TaskStorage, BpfCommand.MapCreate, Errno.EINVAL, "5.11")]
    [InlineData(BpfFeature.HashTake, BpfCommand.MapLookupAndDeleteElement, Errno.ENOTSUPP, "5.14")]
    [InlineData(BpfFeature.SyscallProgram, BpfCommand.ProgramLoad, Errno.EINVAL, "5.14")]
    [InlineData(BpfFeature.TcxLink, BpfCommand.LinkCreate, Errno.EINVAL, "6.6")]
    public void A_kernel_that_is_too_old_is_told_with_the_one_that_will_do(BpfFeature feature, BpfCommand command, int errno, string since)
    {
        // What the probe asks is answered as the call was.
        _kernel.Answer(command, -errno);
        var error = Assert.IsType<BpfFeatureNotSupportedException>(FeatureErrors.Of(_kernel, command, -errno, "Doing", Capabilities.Bpf, "obj", "part", BpfFeatures.TestOf(feature)));
        Assert.Contains(since, error.Needs, StringComparison.Ordinal);
        Assert.Equal((errno, "obj", "part"), (error.Errno, error.ObjectName, error.SubjectName));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_kernel_that_has_the_feature_is_not_blamed()
    {
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.ENODEV);
        Assert.IsType<BpfSyscallException>(FeatureErrors.Of(_kernel, BpfCommand.LinkCreate, -Errno.EINVAL, "Attaching", feature: LinkFeatures.TcxLink));
    }

    [Fact]
    public void Locked_memory_is_a_guess_where_trying_is_refused_too()
    {
        var sandboxed = new ScriptedKernel { MemoryLockLimit = 65536 }.Answer(BpfCommand.ProgramLoad, -Errno.EPERM);
        var error = Assert.IsType<BpfPermissionException>(FeatureErrors.Of(sandboxed, BpfCommand.MapCreate, -Errno.EPERM, "Creating"));
        Assert.Equal(BpfRefusal.KernelPolicy, error.Refused);
        Assert.Contains("If this kernel is older than 5.11", error.Message, StringComparison.Ordinal);
        Assert.Contains("65536", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_user_namespace_neither_memory_nor_lockdown_is_blamed()
    {
        var container = new ScriptedKernel { MemoryLockLimit = 65536 }.Answer(BpfCommand.ProgramLoad, -Errno.EPERM);
        container.Files["/proc/self/uid_map"] = "0 1000 1\n"u8.ToArray();
        container.Files["/sys/kernel/security/lockdown"] = "none [integrity] confidentiality\n"u8.ToArray();
        var error = Assert.IsType<BpfPermissionException>(FeatureErrors.Of(container, BpfCommand.MapCreate, -Errno.EPERM, "Creating"));
        Assert.Equal(BpfRefusal.KernelPolicy, error.Refused);
        Assert.Contains("token", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("MEMLOCK", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MapFlags.None, "flags:\t02\nfrozen:\t1\n", BpfRefusal.MapAccess, "frozen")]
    [InlineData(MapFlags.None, "flags:\t02\nfrozen:\t0\n", BpfRefusal.KernelPolicy, "policy")]
    [InlineData(MapFlags.ReadOnly, "frozen:\t0\n", BpfRefusal.MapAccess, "BPF_F_RDONLY")]
    [InlineData(MapFlags.WriteOnly, "frozen:\t0\n", BpfRefusal.KernelPolicy, "policy")]
    internal void A_map_that_is_closed_to_writing_says_so(MapFlags flags, string facts, BpfRefusal refused, string word)
    {
        BpfArrayMap<int> map = Array(flags, facts);
        _kernel.Answer(BpfCommand.MapUpdateElement, -Errno.EPERM);
        var error = Assert.Throws<BpfPermissionException>(() => map[0] = 1);
        Assert.Equal(refused, error.Refused);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.Equal("m", error.SubjectName);
        map.Handle.Dispose();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_map_that_is_closed_to_reading_says_so()
    {
        BpfArrayMap<int> map = Array(MapFlags.WriteOnly, "frozen:\t1\n");
        _kernel.Answer(BpfCommand.MapLookupElement, -Errno.EPERM);
        var error = Assert.Throws<BpfPermissionException>(() => map[0]);
        Assert.Equal(BpfRefusal.MapAccess, error.Refused);
        Assert.Contains("BPF_F_WRONLY", error.Message, StringComparison.Ordinal);
        map.Handle.Dispose();
    }

    [Fact]
    public void Other_numbers_keep_their_kind()
    {
        Assert.Equal(BpfRefusal.ResourceLimit, Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, "open", -Errno.EMFILE, "Opening")).Refused);
        Assert.IsType<BpfFeatureNotSupportedException>(KernelErrors.Of(_kernel, BpfCommand.MapCreate, -Errno.ENOSYS, "Creating"));
        BpfSyscallException plain = KernelErrors.Of(_kernel, BpfCommand.MapCreate, -Errno.ENOMEM, "Creating map x");
        Assert.Equal(typeof(BpfSyscallException), plain.GetType());
        Assert.Equal(12, plain.Errno);
        Assert.Equal(BpfCommand.MapCreate, plain.Command);
        Assert.StartsWith("Creating map x", plain.Message, StringComparison.Ordinal);
        Assert.Contains("ENOMEM", plain.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_types_is_told()
    {
        var error = Assert.Throws<BpfFeatureNotSupportedException>(() => KernelBtf.Acquire(_kernel));
        Assert.Contains("CONFIG_DEBUG_INFO_BTF", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A container hides the file: an empty file system is mounted over its folder, or /dev/null over the file.</summary>
    [Theory]
    [InlineData("empty", "empty")]
    [InlineData("config", "hidden")]
    [InlineData("id", "hidden")]
    public void A_kernel_whose_types_are_out_of_sight_is_not_said_to_lack_them(string fact, string expected)
    {
        switch (fact)
        {
            case "empty":
                _kernel.Files[KernelBtf.Path] = [];
                break;
            case "config":
                _kernel.Files["/proc/config.gz"] = "# Linux\nCONFIG_DEBUG_INFO_BTF=y\n"u8.ToArray();
                break;
            default:
                _kernel.OnBpf = HasTypes;
                break;
        }

        var error = Assert.Throws<BpfFeatureNotSupportedException>(() => KernelBtf.Acquire(_kernel));

        Assert.Contains($"it needs /sys/kernel/btf/vmlinux, which this kernel has and which is {expected} here, as under a container's mount: mount sysfs", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CONFIG_DEBUG_INFO_BTF", error.Message, StringComparison.Ordinal);
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(BpfFeatureState.Absent, TypeFeatures.KernelBtf.Check(_kernel).State);

        unsafe long? HasTypes(BpfCommand command, nint attributes)
        {
            switch (command)
            {
                case BpfCommand.BtfGetNextId:
                    ((ObjectIdAttr*)attributes)->NextId = 1;
                    return 0;
                case BpfCommand.BtfGetDescriptorById:
                    return _kernel.NewDescriptor();
                case BpfCommand.ObjectGetInfoByDescriptor:
                    ((RawBtfInfo*)((ObjectInfoAttr*)attributes)->Info)->KernelBtf = 1;
                    return 0;
                default:
                    return null;
            }
        }
    }

    private BpfArrayMap<int> Array(MapFlags flags, string facts)
    {
        BpfMapHandle map = MapCreator.Create(_kernel, new BpfMapDefinition("m", BpfMapType.Array, 4, 4, 1, (uint)flags));
        _kernel.Files[$"/proc/self/fdinfo/{map.Handle.DangerousGetHandle()}"] = Encoding.ASCII.GetBytes(facts);
        return new BpfArrayMap<int>(map);
    }

    private BpfRefusal Refusal(BpfCommand command)
        => Assert.IsType<BpfPermissionException>(FeatureErrors.Of(_kernel, command, -Errno.EPERM, "Trying")).Refused;
}
