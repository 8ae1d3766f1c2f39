using System.Net;
using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Xdp;

/// <summary>What goes to rtnetlink, byte by byte, and what is made of its answers.</summary>
public sealed class NetlinkTests
{
    private const ushort NewLink = 16;
    private const ushort NewFilter = 44;
    private const ushort Done = 3;

    private readonly ScriptedKernel _kernel = new();

    private NetworkDevice Device => NetworkDevice.FromName(_kernel, "eth7");

    [Fact]
    public void Xdp_is_set_only_where_there_is_none_and_taken_off_only_when_it_is_ours()
    {
        var program = new BpfXdpProgram(Descriptor(BpfProgramType.Xdp));
        BpfProgramLink link = program.AttachByNetlink(Device, new XdpNetlinkOptions { Mode = XdpMode.Generic });
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
    public void Before_5_7_xdp_is_taken_off_whosever_it_is()
    {
        var program = new BpfXdpProgram(Descriptor(BpfProgramType.Xdp));
        BpfProgramLink link = program.AttachByNetlink(Device);
        _kernel.OnSend = message => [NetlinkAnswers.Acknowledge(message, _kernel.Sent.Count == 2 ? -Errno.EINVAL : 0)];
        link.Dispose();
        Assert.Equal("14002b80" + "08000100ffffffff" + "0800030000000000", Convert.ToHexString(_kernel.Sent[2].AsSpan(32)).ToLowerInvariant());
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Before_5_9_xdp_goes_by_netlink()
    {
        var program = new BpfXdpProgram(Descriptor(BpfProgramType.Xdp));
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL);
        Assert.Null(program.Attach(Device, XdpMode.Native).Id);
        Assert.Single(_kernel.Sent);
        program.Unload();
        Assert.Equal(2, _kernel.Sent.Count);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_refusal_quotes_the_kernel_and_names_who_is_there()
    {
        var program = new BpfXdpProgram(Descriptor(BpfProgramType.Xdp));
        _kernel.OnSend = message => message[4] == 19
            ? [NetlinkAnswers.Acknowledge(message, -Errno.EBUSY, "XDP program already attached")]
            : [NetlinkAnswers.Message(message, NewLink, LinkWithXdp()), NetlinkAnswers.Acknowledge(message, 0)];

        var error = Assert.Throws<BpfSyscallException>(() => program.AttachByNetlink(Device));

        Assert.Contains("The kernel says: XDP program already attached. ", error.Message, StringComparison.Ordinal);
        Assert.Contains("XDP program 77 in mode Native and XDP program 78 in mode Generic", error.Message, StringComparison.Ordinal);
        Assert.Equal("RTM_SETLINK", error.Operation);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData("socket", -Errno.EMFILE)]
    [InlineData("send", -Errno.ENOMEM)]
    [InlineData("recv", -Errno.ENOMEM)]
    [InlineData("recv", 0L)]
    [InlineData("recv", 1_000_000L)]
    public void Each_call_that_fails_leaves_nothing(string call, long result)
    {
        var program = new BpfSchedClassifierProgram(Descriptor(BpfProgramType.SchedCls));
        _kernel.Answer(call, result);
        Assert.ThrowsAny<BpfSyscallException>(() => program.AttachFilter(Device, PacketDirection.Ingress));
        Assert.Single(_kernel.OpenDescriptors);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Interrupted_calls_are_made_again()
    {
        _kernel.Answer("send", -Errno.EINTR).Answer("recv", -Errno.EINTR);
        var program = new BpfXdpProgram(Descriptor(BpfProgramType.Xdp));
        Assert.True(program.AttachByNetlink(Device).IsAttached);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_filter_is_removed_by_the_numbers_the_kernel_gave_it()
    {
        var program = new BpfSchedClassifierProgram(Descriptor(BpfProgramType.SchedCls));
        _kernel.OnSend = message => message[4] == NewFilter
            ? [NetlinkAnswers.Message(message, NewFilter, Traffic(handle: 5, info: 0xc0000300)), NetlinkAnswers.Acknowledge(message, 0)]
            : [NetlinkAnswers.Acknowledge(message, message[4] == 36 ? -Errno.EEXIST : 0)];

        program.AttachFilter(Device, PacketDirection.Egress).Dispose();

        // clsact (ffff:fff1) is asked for first; then the filter of its egress side, kind "bpf", descriptor 100, name "p", direct action.
        Assert.Equal([36, 44, 45], _kernel.Sent.Select(static message => (int)message[4]));
        Assert.Equal(
            "0000000007000000" + "00000000" + "f3ffffff" + "00030000" + "0800010062706600" + "1c000280" + "0800060064000000" + "0600070070000000" + "0800080001000000",
            Convert.ToHexString(_kernel.Sent[1].AsSpan(16)).ToLowerInvariant());
        Assert.Equal("0000000007000000" + "05000000" + "f3ffffff" + "000300c0" + "0800010062706600", Convert.ToHexString(_kernel.Sent[2].AsSpan(16)).ToLowerInvariant());
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_route_carries_the_program_and_goes_with_the_link()
    {
        var program = new BpfLwtProgram(Descriptor(BpfProgramType.LwtXmit));
        program.Attach(new RouteTarget(IPNetwork.Parse("10.9.0.0/16"), Device, IPAddress.Parse("10.1.1.1")));
        program.Unload();

        // IPv4, /16, main table, by administrator, any scope, unicast; LWT_BPF_XMIT (3) in encapsulation 6.
        Assert.Equal(
            "0210000" + "0fe04000100000000" + "080001000a090000" + "0800040007000000" + "080005000a010101"
            + "18001680" + "14000380" + "0800010064000000" + "0600020070000000" + "0600150006000000",
            Convert.ToHexString(_kernel.Sent[0].AsSpan(16)).ToLowerInvariant());
        Assert.Equal([24, 25], _kernel.Sent.Select(static message => (int)message[4]));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void What_answers_another_question_is_passed_over_and_damage_ends_the_walk()
    {
        _kernel.OnSend = message =>
        [
            [.. NetlinkAnswers.Message([0, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0], NewFilter, Traffic(1, 0)),
             .. NetlinkAnswers.Message(message, NewFilter, [.. Traffic(3, 0x00070000), .. Attributes("bpf"), 200, 0, 1, 0])],
            NetlinkAnswers.Message(message, Done, [0, 0, 0, 0]),
        ];
        Assert.Equal([new TcFilter(7, 3, 42, "p", true)], TcFilterQuery.Run(_kernel, Device, PacketDirection.Ingress));
        _kernel.OnSend = message => [[40, 0, 0, 0, 16, 0, 0, 0, .. message.AsSpan(8, 4), 0, 0, 0, 0, 1, 2]];
        Assert.Throws<BpfSyscallException>(() => XdpQuery.Run(_kernel, Device));
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

    private static byte[] Traffic(uint handle, uint info)
        => [0, 0, 0, 0, 7, 0, 0, 0, .. BitConverter.GetBytes(handle), 0xf2, 0xff, 0xff, 0xff, .. BitConverter.GetBytes(info)];

    private static byte[] Attributes(string kind) =>
    [
        .. NetlinkAnswers.Attribute(1, Encoding.ASCII.GetBytes(kind + '\0')),
        .. NetlinkAnswers.Attribute(2,
        [
            .. NetlinkAnswers.Attribute(7, "p\0"u8),
            .. NetlinkAnswers.Attribute(8, BitConverter.GetBytes(1)),
            .. NetlinkAnswers.Attribute(11, BitConverter.GetBytes(42)),
        ]),
    ];

    private BpfProgramDescriptor Descriptor(BpfProgramType type) => new(_kernel, "p", type) { Handle = _kernel.NewHandle(), SectionName = "s" };
}
