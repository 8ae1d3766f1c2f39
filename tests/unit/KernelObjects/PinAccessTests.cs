using System.Text;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Pins;

namespace Hypermesh.Bpf.Tests.Unit.KernelObjects;

/// <summary>What is said of a pin that belongs to another user.</summary>
public sealed class PinAccessTests
{
    private const string Status = "Name:\tapp\nUid:\t1001\t1001\t1001\t1001\nGid:\t1001\t1001\t1001\t1001\nGroups:\t27 44\nCapEff:\t000000c000201000\n";

    private readonly ScriptedKernel _kernel = new()
    {
        Files = { ["/proc/thread-self/status"] = Encoding.UTF8.GetBytes(Status), ["/proc/self/mountinfo"] = Encoding.UTF8.GetBytes("30 24 0:26 / /sys/fs/bpf rw - bpf bpf rw\n") },
        FileRights =
        {
            ["/"] = new(0, 0, 0x1ed),
            ["/sys"] = new(0, 0, 0x1ed),
            ["/sys/fs"] = new(0, 0, 0x1ed),
            ["/sys/fs/bpf"] = new(0, 0, 0x3ff),
        },
    };

    [Theory]
    [InlineData(0u, 0u, 0x180u, "The pin /sys/fs/bpf/counts belongs to user 0 and group 0 and has the mode 600, and this process runs as user 1001: run it as user 0 or as root")]
    [InlineData(1000u, 44u, 0x1a0u, "belongs to user 1000 and group 44 and has the mode 640")]
    [InlineData(1001u, 0u, 0x100u, "belongs to user 1001 and group 0 and has the mode 400")]
    public void A_pin_of_another_user_is_named_with_its_owner_and_mode(uint user, uint group, uint mode, string told)
    {
        _kernel.FileRights["/sys/fs/bpf/counts"] = new FileAccessRights(user, group, mode);
        _kernel.Answer(BpfCommand.ObjectGet, -Errno.EACCES);

        BpfPermissionException denied = Assert.Throws<BpfPermissionException>(() => ObjectPins.Open(_kernel, "/sys/fs/bpf/counts", ObjectKind.Map));

        Assert.Equal((BpfRefusal.FilePermission, Errno.EACCES), (denied.Refused, denied.Errno));
        Assert.Contains(told, denied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_searched_or_written_is_named()
    {
        _kernel.FileRights["/sys/fs/bpf/app"] = new FileAccessRights(0, 0, 0x1c0);
        _kernel.Answer(BpfCommand.ObjectGet, -Errno.EACCES).Answer(BpfCommand.ObjectPin, -Errno.EACCES);
        using BpfHandle map = _kernel.NewHandle();

        Assert.Contains("The directory /sys/fs/bpf/app belongs to user 0", Assert.Throws<BpfPermissionException>(() => ObjectPins.Open(_kernel, "/sys/fs/bpf/app/counts", ObjectKind.Map)).Message, StringComparison.Ordinal);
        Assert.Contains("The directory /sys/fs/bpf/app belongs to user 0", Assert.Throws<BpfPermissionException>(() => ObjectPins.Pin(map, "/sys/fs/bpf/app/counts", "Pinning map counts")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_permissions_allow_the_access_the_policy_is_named()
    {
        _kernel.FileRights["/sys/fs/bpf/counts"] = new FileAccessRights(1001, 1001, 0x180);
        _kernel.Answer(BpfCommand.ObjectGet, -Errno.EACCES);

        Assert.Equal(BpfRefusal.KernelPolicy, Assert.Throws<BpfPermissionException>(() => ObjectPins.Open(_kernel, "/sys/fs/bpf/counts", ObjectKind.Map)).Refused);
    }
}
