using Hypermesh.Bpf.Features;

namespace Hypermesh.Bpf.Tests.Unit.Features;

/// <summary>What each feature needs, in words.</summary>
public sealed class FeatureNeedsTests
{
    [Fact]
    public void Every_feature_has_a_kernel_that_has_it()
        => Assert.All(Enum.GetValues<BpfFeature>(), static feature => Assert.Contains("Linux ", FeatureNeeds.Of(feature).Needs, StringComparison.Ordinal));
}
