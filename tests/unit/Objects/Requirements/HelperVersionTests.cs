using Hypermesh.Bpf.Objects.Requirements;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Requirements;

/// <summary>First kernels of helpers, where no kernel the tests run on can say them.</summary>
public sealed class HelperVersionTests
{
    [Theory]
    [InlineData(1, "3.19")]
    [InlineData(109, "5.3")]
    [InlineData(110, "5.4")]
    [InlineData(111, "5.5")]
    [InlineData(211, "6.2")]
    public void A_helper_has_the_version_that_brought_it(int helper, string kernel) => Assert.Equal(Version.Parse(kernel), HelperVersions.Of(helper));

    [Theory]
    [InlineData(0)]
    [InlineData(212)]
    public void A_number_that_is_not_a_helper_has_no_version(int helper) => Assert.Null(HelperVersions.Of(helper));
}
