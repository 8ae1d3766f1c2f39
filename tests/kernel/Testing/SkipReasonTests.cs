using Hypermesh.Bpf.Testing;
using Xunit.v3;

namespace Hypermesh.Bpf.Tests.Kernel.Testing;

/// <summary>Facts of the test kit run where they can, and say why where they cannot.</summary>
public sealed class SkipReasonTests : KernelTest
{
    [BpfFact]
    public void A_fact_that_asks_for_the_usual_runs() => Assert.Null(Reason(new BpfFactAttribute()));

    [BpfTheory]
    [InlineData(1)]
    public void A_theory_that_asks_for_the_usual_runs(int one) => Assert.Equal(1, one);

    [Fact]
    public void A_newer_kernel_is_named() => Assert.StartsWith("needs Linux 99.0, and this is ", Reason(new BpfFactAttribute { MinimumKernel = "99.0" }), StringComparison.Ordinal);

    [Fact]
    public void A_feature_is_probed()
    {
        string? reason = Reason(new BpfTheoryAttribute { Features = [BpfFeature.KProbeMultiLink] });

        Assert.Equal(KernelFacts.Has(BpfFeature.KProbeMultiLink), reason is null);
        Assert.True(reason is null || reason.StartsWith("needs KProbeMultiLink, and this kernel ", StringComparison.Ordinal), reason);
    }

    [Fact]
    public void A_type_is_probed() => Assert.Null(Reason(new BpfFactAttribute { ProgramTypes = [BpfProgramType.SocketFilter], MapTypes = [BpfMapType.Hash] }));

    [Fact]
    public void Missing_capabilities_are_named() => LimitedThread.Run(Capabilities.Bpf, asNobody: false, static () =>
        Assert.Equal("needs CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, and this process lacks CAP_PERFMON, CAP_NET_ADMIN: run the tests as root", Reason(new BpfFactAttribute())));

    [Fact]
    public void The_authors_own_reason_comes_first() => Assert.Equal("not now", Reason(new BpfFactAttribute { Skip = "not now", MinimumKernel = "99.0" }));

    private static string? Reason(IFactAttribute fact) => fact.Skip;
}
