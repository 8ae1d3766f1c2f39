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
    public void Capabilities_that_were_dropped_one_after_the_other_are_all_known()
    {
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t0000008000000000\n"u8.ToArray();
        GivenUpCapabilities.Note(_kernel, Capabilities.PerfMon);
        GivenUpCapabilities.Note(_kernel, Capabilities.NetAdmin);

        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading", Capabilities.Bpf | Capabilities.PerfMon));

        Assert.Equal("CAP_PERFMON", error.MissingCapability);
        Assert.Contains("BpfPrivileges.Drop(\"CAP_PERFMON\")", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CAP_SYS_ADMIN_replaces_CAP_NET_ADMIN_when_programs_are_loaded()
    {
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t0000000000200000\n"u8.ToArray();
        Assert.Equal(BpfRefusal.KernelPolicy, Of(BpfCommand.ProgramLoad).Refused);
        Assert.Equal("CAP_NET_ADMIN", Of(BpfCommand.MapCreate).MissingCapability);

        BpfPermissionException Of(BpfCommand command)
            => Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, command, -Errno.EPERM, "Trying", Capabilities.Bpf | Capabilities.NetAdmin));
    }

    [Fact]
    public void A_missing_CAP_BPF_is_named_whatever_else_a_command_needs()
    {
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t0000000000001000\n"u8.ToArray();
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramQuery, -Errno.EPERM, "Listing", Capabilities.NetAdmin));
        Assert.Equal("CAP_BPF", error.MissingCapability);
    }

    [Fact]
    public void With_every_capability_the_reason_is_policy()
    {
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.RawTracepointOpen, -Errno.EPERM, "Attaching", Capabilities.Bpf));
        Assert.Equal(BpfRefusal.KernelPolicy, error.Refused);
        Assert.Null(error.MissingCapability);
        Assert.DoesNotContain("memlock", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_distributions_own_limit_on_perf_events_is_named()
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
    public void Without_proc_no_capability_is_reported_as_missing()
    {
        _kernel.Files.Remove("/proc/thread-self/status");
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading", Capabilities.Bpf | Capabilities.PerfMon));
        Assert.Equal((BpfRefusal.Unknown, null), (error.Refused, error.MissingCapability));
        Assert.Contains("CAP_BPF, CAP_PERFMON", error.Message, StringComparison.Ordinal);
        Assert.Contains("/proc", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_user_namespace_the_error_mentions_tokens()
    {
        _kernel.Files["/proc/self/uid_map"] = "0 1000 1\n"u8.ToArray();
        var error = Assert.IsType<BpfPermissionException>(KernelErrors.Of(_kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading"));
        Assert.Equal(BpfRefusal.KernelPolicy, error.Refused);
        Assert.Contains("token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_error_numbers_have_their_exceptions()
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
}
