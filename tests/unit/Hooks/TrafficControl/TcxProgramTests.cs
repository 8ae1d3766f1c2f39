using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.TrafficControl;

/// <summary>The place of a program among others.</summary>
public sealed unsafe class TcxProgramTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void An_anchor_is_passed_to_the_kernel_as_it_was_given()
    {
        LinkCreateAttr asked = default;
        _kernel.OnBpf = (command, attributes) =>
        {
            asked = command == BpfCommand.LinkCreate ? *(LinkCreateAttr*)attributes : asked;
            return null;
        };
        var program = new BpfTcxProgram(_kernel.NewProgram(BpfProgramType.SchedCls, BpfAttachType.TcxIngress));
        NetworkDevice device = NetworkDevice.FromName(_kernel, "eth7");
        BpfProgramLink link = program.Attach(device, BpfAnchor.AfterLink(9) with { ExpectedRevision = 3 });
        Assert.Equal((0x2030u, 9u, 3ul, 7u), (asked.Flags, asked.TcxRelativeId, asked.TcxExpectedRevision, asked.TargetIfindex));
        var second = new BpfTcxProgram(_kernel.NewProgram(BpfProgramType.SchedCls, BpfAttachType.TcxIngress));
        second.Attach(device, BpfAnchor.Before(link));
        Assert.Equal((0x2008u, (uint)link.Attached.LinkHandle!.DangerousGetHandle()), (asked.Flags, asked.TcxRelativeFd));
        second.Unload();
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_device_that_was_removed_is_said_to_be_gone()
    {
        var program = new BpfTcxProgram(_kernel.NewProgram(BpfProgramType.SchedCls, BpfAttachType.TcxIngress));
        NetworkDevice device = NetworkDevice.FromName(_kernel, "eth7");
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.ENODEV);

        BpfSyscallException gone = Assert.Throws<BpfSyscallException>(() => program.Attach(device));

        Assert.Contains("eth7", gone.Message, StringComparison.Ordinal);
        Assert.Contains("no longer exists, or is in another network namespace", gone.Message, StringComparison.Ordinal);
        Assert.Contains("look it up again with NetworkDevice.FromName", gone.Message, StringComparison.Ordinal);
        program.Unload();
    }
}
