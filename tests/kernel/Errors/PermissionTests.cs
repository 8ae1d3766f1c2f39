namespace Hypermesh.Bpf.Tests.Kernel.Errors;

/// <summary>A refusal names the capabilities that the thread lacks.</summary>
public sealed class PermissionTests : KernelTest
{
    [Fact]
    [Row("lifecycle", "hint on EPERM (memlock, unprivileged)")]
    public void Without_capabilities_the_missing_one_is_named() => LimitedThread.Run(Capabilities.None, asNobody: false, () =>
    {
        var error = Assert.Throws<BpfPermissionException>(() => Create(BpfMapType.Hash, 4, 4, 1));
        Assert.Equal(BpfRefusal.Capability, error.Refused);
        Assert.Equal("CAP_BPF", error.MissingCapability);
        Assert.Equal("CAP_BPF", Load(BpfProgramType.SocketFilter).MissingCapability);
        Assert.Equal("CAP_BPF, CAP_PERFMON", Load(BpfProgramType.RawTracepoint).MissingCapability);
    });

    [Fact]
    public void With_CAP_BPF_alone_tracing_and_network_programs_lack_a_capability() => LimitedThread.Run(Capabilities.Bpf, asNobody: false, () =>
    {
        Create(BpfMapType.Hash, 4, 4, 1);
        Assert.Equal("CAP_PERFMON", Load(BpfProgramType.RawTracepoint).MissingCapability);
        Assert.Equal("CAP_NET_ADMIN", Load(BpfProgramType.Xdp).MissingCapability);
        Assert.Equal("CAP_SYS_ADMIN", Assert.Throws<BpfPermissionException>(() => BpfStatistics.Enable()).MissingCapability);
    });

    private static BpfPermissionException Load(BpfProgramType type)
        => Assert.Throws<BpfPermissionException>(() => BpfInstructionProgram.Load(new[] { Code.Move(0, 0), Code.Exit() }.Bytes(), type));
}
