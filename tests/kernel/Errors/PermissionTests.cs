using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tests.Kernel.Errors;

public sealed partial class PermissionTests : KernelTest
{
    private const uint Version3 = 0x20080522;

    [Fact]
    [Row("lifecycle", "hint on EPERM (memlock, unprivileged)")]
    public void Without_capabilities_the_missing_one_is_named() => WithCapabilities(Capabilities.None, () =>
    {
        var error = Assert.Throws<BpfPermissionException>(() => Create(BpfMapType.Hash, 4, 4, 1));
        Assert.Equal(BpfRefusal.Capability, error.Refused);
        Assert.Equal("CAP_BPF", error.MissingCapability);
        Assert.Equal("CAP_BPF", Load(BpfProgramType.SocketFilter).MissingCapability);
        Assert.Equal("CAP_BPF, CAP_PERFMON", Load(BpfProgramType.RawTracepoint).MissingCapability);
    });

    [Fact]
    public void With_bpf_alone_tracing_and_network_programs_lack_theirs() => WithCapabilities(Capabilities.Bpf, () =>
    {
        Create(BpfMapType.Hash, 4, 4, 1);
        Assert.Equal("CAP_PERFMON", Load(BpfProgramType.RawTracepoint).MissingCapability);
        Assert.Equal("CAP_NET_ADMIN", Load(BpfProgramType.Xdp).MissingCapability);
        Assert.Equal("CAP_SYS_ADMIN", Assert.Throws<BpfPermissionException>(() => BpfStatistics.Enable()).MissingCapability);
    });

    private static BpfPermissionException Load(BpfProgramType type)
        => Assert.Throws<BpfPermissionException>(() => BpfInstructionProgram.Load(new[] { Code.Move(0, 0), Code.Exit() }.Bytes(), type));

    private static unsafe void WithCapabilities(Capabilities capabilities, Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                ulong bits = (ulong)capabilities;
                uint* header = stackalloc uint[] { Version3, 0 };
                uint* sets = stackalloc uint[] { (uint)bits, (uint)bits, 0, (uint)(bits >> 32), (uint)(bits >> 32), 0 };
                Assert.Equal(0, SetCapabilities(header, sets));
                test();
            }
            catch (Exception reason)
            {
                failure = reason;
            }
        });
        thread.Start();
        thread.Join();
        Assert.True(failure is null, failure?.ToString());
    }

    [LibraryImport("libc", EntryPoint = "capset")]
    private static unsafe partial int SetCapabilities(uint* header, uint* sets);
}
