using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tests.Unit.Features;

/// <summary>Refusals whose reason is found by trying what the kernel has: its age, its limit of locked memory, its lockdown.</summary>
public sealed class FeatureErrorTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void Lockdown_that_refuses_no_program_is_not_blamed()
    {
        _kernel.Files["/sys/kernel/security/lockdown"] = "none [integrity] confidentiality\n"u8.ToArray();
        Assert.Equal(BpfRefusal.KernelPolicy, Refusal(BpfCommand.ProgramLoad));
    }

    [Fact]
    public void Lockdown_that_is_off_is_not_blamed()
    {
        _kernel.Files["/sys/kernel/security/lockdown"] = "[none] integrity confidentiality\n"u8.ToArray();
        Assert.Equal(BpfRefusal.KernelPolicy, Refusal(BpfCommand.ProgramLoad));
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
    public void A_kernel_that_is_too_old_is_reported_with_the_version_that_suffices(BpfFeature feature, BpfCommand command, int errno, string since)
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

    private BpfRefusal Refusal(BpfCommand command)
        => Assert.IsType<BpfPermissionException>(FeatureErrors.Of(_kernel, command, -Errno.EPERM, "Trying")).Refused;
}
