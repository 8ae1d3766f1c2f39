namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Xdp;

/// <summary>XDP programs from instructions.</summary>
public sealed class XdpProgramTests : PacketTest
{
    private const int PassXdp = 2;

    [Fact]
    public void XDP_sees_the_packets_of_a_device() => Sandbox.WithNetwork(() =>
    {
        var program = new BpfXdpProgram(Load.Descriptor("xdp", BpfProgramType.Xdp, Returning(PassXdp), BpfAttachType.Xdp));
        Own(new Unload(program));
        BpfProgramLink link = program.Attach(NetworkDevice.FromName("lo"), XdpMode.Generic);
        SendToSelf();
        Assert.Equal((ulong)Packets, Counter[0]);
        Assert.Throws<BpfException>(() => program.Attach(NetworkDevice.FromIndex(1), XdpMode.Generic));
        link.Detach();
        SendToSelf();
        Assert.Equal((ulong)Packets, Counter[0]);
        Assert.Throws<BpfSyscallException>(() => program.Attach(NetworkDevice.FromName("lo"), XdpMode.Native));
    });
}
