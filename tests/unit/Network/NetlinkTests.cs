using System.Text;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Network;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Network;

/// <summary>Messages of rtnetlink: calls that fail, and answers that are not ours or are damaged.</summary>
public sealed class NetlinkTests
{
    private const ushort NewFilter = 44;
    private const ushort Done = 3;

    private readonly ScriptedKernel _kernel = new();

    private NetworkDevice Device => NetworkDevice.FromName(_kernel, "eth7");

    [Theory]
    [InlineData("socket", -Errno.EMFILE)]
    [InlineData("send", -Errno.ENOMEM)]
    [InlineData("recv", -Errno.ENOMEM)]
    [InlineData("recv", 0L)]
    [InlineData("recv", 1_000_000L)]
    public void Each_call_that_fails_leaves_nothing_open(string call, long result)
    {
        var program = new BpfSchedClassifierProgram(_kernel.NewProgram(BpfProgramType.SchedCls));
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
        var program = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp));
        Assert.True(program.AttachByNetlink(Device).IsAttached);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Answers_to_other_requests_are_skipped_and_damage_ends_the_walk()
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
}
