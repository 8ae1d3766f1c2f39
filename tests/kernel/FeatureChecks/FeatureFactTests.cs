namespace Hypermesh.Bpf.Tests.Kernel.FeatureChecks;

/// <summary>Each probe of the library against a fact of the kernel that the library has no part in. Tests skip by those facts alone.</summary>
public sealed class FeatureFactTests : KernelTest
{
    public static TheoryData<BpfFeature> Features => [.. Enum.GetValues<BpfFeature>()];

    [Theory]
    [MemberData(nameof(Features))]
    public void A_probe_finds_what_the_kernel_has(BpfFeature feature)
    {
        BpfFeatureResult found = BpfFeatures.Current.Check(feature);

        // A refusal is an answer only where the kernel's policy refuses programs at functions, which the tests' own canary shows.
        bool mayBeRefused = feature is BpfFeature.TracingMultiLink && Canary.Of("fentry/bpf_fentry_test1").Try() == -Errno.EPERM;
        Assert.True(
            found.State == (KernelFacts.Has(feature) ? BpfFeatureState.Supported : BpfFeatureState.Absent) || (mayBeRefused && found.State == BpfFeatureState.Refused),
            $"{found}; by the kernel's own types, symbols and version it is {(KernelFacts.Has(feature) ? "there" : "not there")}");
    }
}
