using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.TrafficControl;

/// <summary>Filters of clsact, byte by byte.</summary>
public sealed class SchedClassifierProgramTests
{
    private const ushort NewFilter = 44;

    private readonly ScriptedKernel _kernel = new();

    private NetworkDevice Device => NetworkDevice.FromName(_kernel, "eth7");

    [Fact]
    public void A_filter_is_removed_by_the_numbers_the_kernel_gave_it()
    {
        var program = new BpfSchedClassifierProgram(_kernel.NewProgram(BpfProgramType.SchedCls));
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

    private static byte[] Traffic(uint handle, uint info)
        => [0, 0, 0, 0, 7, 0, 0, 0, .. BitConverter.GetBytes(handle), 0xf2, 0xff, 0xff, 0xff, .. BitConverter.GetBytes(info)];
}
