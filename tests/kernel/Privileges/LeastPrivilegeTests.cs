using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.FeatureChecks;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>What no single row of the table says: each type of program, and files that are not capabilities.</summary>
public sealed class LeastPrivilegeTests : PrivilegeTest
{
    [Fact]
    public void Every_type_of_program_is_loaded_with_its_capabilities_and_with_no_fewer()
    {
        int tried = 0;
        foreach (BpfProgramType type in Enum.GetValues<BpfProgramType>().Where(static type => BpfFeatures.Current.Check(type).State == BpfFeatureState.Supported))
        {
            Capabilities needs = ProgramCapabilities.Of(type);
            LimitedThread.Run(needs, asNobody: true, () => Assert.True(ProgramTypeProbes.Try(Kernel, type) >= 0, $"{type} does not load with {CapabilityNames.Of(needs)}"));
            LimitedThread.Run(Capabilities.SysAdmin, asNobody: true, () => Assert.True(ProgramTypeProbes.Try(Kernel, type) >= 0, $"{type} does not load with CAP_SYS_ADMIN"));
            foreach (Capabilities one in Parts(needs))
            {
                LimitedThread.Run(needs & ~one, asNobody: true, () => Assert.True(ProgramTypeProbes.Try(Kernel, type) == -Errno.EPERM, $"{type} loads without {CapabilityNames.Of(one)}"));
                tried++;
            }
        }

        Assert.True(tried > 40, $"{tried} refusals");
    }

    [Fact]
    public void Addresses_hidden_from_everyone_are_not_reported_as_a_missing_capability()
    {
        const string Setting = "/proc/sys/kernel/kptr_restrict";
        Assert.SkipUnless(Emulation.IsEmulated, "hides the addresses of a whole machine: only in guests");
        string before = File.ReadAllText(Setting);
        File.WriteAllText(Setting, "2");
        try
        {
            var refused = Assert.Throws<BpfPermissionException>(static () => LimitedThread.Run(
                Capabilities.Bpf | Capabilities.PerfMon | Capabilities.Syslog, asNobody: true, static () => Privsymbol.Open().Load().Dispose()));
            Assert.Equal((BpfRefusal.KernelPolicy, null), (refused.Refused, refused.MissingCapability));
            Assert.Contains("kptr_restrict", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.WriteAllText(Setting, before);
        }
    }

    [Fact]
    public void A_classic_tracepoint_needs_tracefs_to_be_readable() => Sandbox.WithTracing(() =>
    {
        var refused = Assert.Throws<BpfPermissionException>(() => LimitedThread.Run(
            Capabilities.Bpf | Capabilities.PerfMon, asNobody: true, Uses.Whole("classic", Uses.Switch)().Act));
        Assert.Equal((BpfRefusal.KernelPolicy, null), (refused.Refused, refused.MissingCapability));
        Assert.Contains("trac", refused.Message, StringComparison.Ordinal);
    });
}
