using System.Net;
using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Xdp;

/// <summary>XDP by link and, where there are none, by netlink: what is sent, byte by byte, and what a refusal says.</summary>
public sealed class XdpProgramTests
{
    private const ushort NewLink = 16;

    private readonly ScriptedKernel _kernel = new();

    private NetworkDevice Device => NetworkDevice.FromName(_kernel, "eth7");

    [Fact]
    public void XDP_is_attached_only_where_there_is_none_and_detached_only_when_it_is_ours()
    {
        var program = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp));
        BpfProgramLink link = program.AttachByNetlink(Device, XdpMode.Generic);
        Assert.Null(link.Id);

        // RTM_SETLINK (19), request with acknowledgement, interface 7; IFLA_XDP nested: descriptor 100, flags "none there" and "generic".
        Assert.Equal(
            "3400000013000500" + "0100000000000000" + "0000000007000000" + "0000000000000000" + "14002b80" + "0800010064000000" + "0800030003000000",
            Convert.ToHexString(_kernel.Sent[0]).ToLowerInvariant());
        link.Dispose();

        // No program (-1), expected ours (100), flags "replace" and "generic".
        Assert.Equal(
            "1c002b80" + "08000100ffffffff" + "0800030012000000" + "0800080064000000",
            Convert.ToHexString(_kernel.Sent[1].AsSpan(32)).ToLowerInvariant());
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Before_5_7_XDP_is_detached_whichever_program_it_is()
    {
        var program = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp));
        BpfProgramLink link = program.AttachByNetlink(Device);
        _kernel.OnSend = message => [NetlinkAnswers.Acknowledge(message, _kernel.Sent.Count == 2 ? -Errno.EINVAL : 0)];
        link.Dispose();
        Assert.Equal("14002b80" + "08000100ffffffff" + "0800030000000000", Convert.ToHexString(_kernel.Sent[2].AsSpan(32)).ToLowerInvariant());
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Before_5_9_XDP_is_attached_by_netlink()
    {
        var program = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp));
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL);
        Assert.Null(program.Attach(Device, XdpMode.Native).Id);
        Assert.Single(_kernel.Sent);
        program.Unload();
        Assert.Equal(2, _kernel.Sent.Count);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void An_error_quotes_the_kernel_and_names_the_attached_programs()
    {
        var program = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp));
        _kernel.OnSend = message => message[4] == 19
            ? [NetlinkAnswers.Acknowledge(message, -Errno.EBUSY, "XDP program already attached")]
            : [NetlinkAnswers.Message(message, NewLink, LinkWithXdp()), NetlinkAnswers.Acknowledge(message, 0)];

        var error = Assert.Throws<BpfSyscallException>(() => program.AttachByNetlink(Device));

        Assert.Contains("The kernel reports: XDP program already attached. ", error.Message, StringComparison.Ordinal);
        Assert.Contains("XDP program 77 in mode Native and XDP program 78 in mode Generic", error.Message, StringComparison.Ordinal);
        Assert.Equal("RTM_SETLINK", error.Operation);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData(1500, false)]
    [InlineData(1501, true)]
    public void Only_an_MTU_above_the_usual_one_is_named_as_the_reason(int mtu, bool named)
    {
        var program = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp));
        _kernel.OnSend = message => message[4] == 19
            ? [NetlinkAnswers.Acknowledge(message, -Errno.EINVAL)]
            : [NetlinkAnswers.Message(message, NewLink, [.. new byte[16], .. NetlinkAnswers.Attribute(4, BitConverter.GetBytes(mtu))]), NetlinkAnswers.Acknowledge(message, 0)];

        var error = Assert.Throws<BpfSyscallException>(() => program.AttachByNetlink(Device));

        Assert.Equal(named, error.Message.Contains($"has an MTU of {mtu}", StringComparison.Ordinal));
        Assert.Equal(named, error.Message.Contains("xdp.frags", StringComparison.Ordinal));
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_failed_attach_names_the_device()
    {
        var program = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp));
        NetworkDevice device = NetworkDevice.FromName(_kernel, "eth7");
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EBUSY);
        var error = Assert.Throws<BpfSyscallException>(() => program.Attach(device));
        Assert.Contains("eth7", error.Message, StringComparison.Ordinal);
        Assert.Equal(Errno.EBUSY, error.Errno);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    private static byte[] LinkWithXdp() =>
    [
        .. new byte[16],
        .. NetlinkAnswers.Attribute(43,
        [
            .. NetlinkAnswers.Attribute(2, [4]),
            .. NetlinkAnswers.Attribute(5, BitConverter.GetBytes(77)),
            .. NetlinkAnswers.Attribute(6, BitConverter.GetBytes(78)),
        ]),
    ];
}
