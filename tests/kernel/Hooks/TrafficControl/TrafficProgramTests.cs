namespace Hypermesh.Bpf.Tests.Kernel.Hooks.TrafficControl;

/// <summary>Classifiers from instructions.</summary>
public sealed class TrafficProgramTests : PacketTest
{
    private const int PassClassifier = -1;

    [Theory]
    [InlineData(BpfAttachType.TcxIngress)]
    [InlineData(BpfAttachType.TcxEgress)]
    public void TCX_sees_the_packets_of_a_device(BpfAttachType type) => Sandbox.WithNetwork(() =>
    {
        Needs(BpfFeature.TcxLink);
        var program = new BpfTcxProgram(Load.Descriptor("tcx", BpfProgramType.SchedCls, Returning(PassClassifier), type));
        Own(new Unload(program));
        BpfProgramLink link = program.Attach(NetworkDevice.FromName("lo"));
        SendToSelf();
        Assert.Equal((ulong)Packets, Counter[0]);
        link.Dispose();
        SendToSelf();
        Assert.Equal((ulong)Packets, Counter[0]);
    });

    [Fact]
    public void A_classifier_without_direction_is_attached_to_both() => Sandbox.WithNetwork(() =>
    {
        Needs(BpfFeature.TcxLink);
        var program = new BpfSchedClassifierProgram(Load.Descriptor("tc", BpfProgramType.SchedCls, Returning(PassClassifier)));
        Own(new Unload(program));
        program.Attach(NetworkDevice.FromName("lo"), PacketDirection.Ingress);
        program.Attach(NetworkDevice.FromName("lo"), PacketDirection.Egress);
        SendToSelf();
        Assert.Equal(2ul * Packets, Counter[0]);
        Assert.Equal(2, program.Links.Count);
    });
}
