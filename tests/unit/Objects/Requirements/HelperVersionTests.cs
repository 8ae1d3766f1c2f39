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
    [InlineData(BpfProgramType.Xdp, 14, "6.10")]
    [InlineData(BpfProgramType.Xdp, 16, "6.16")]
    [InlineData(BpfProgramType.CGroupSkb, 15, "6.16")]
    [InlineData(BpfProgramType.SkLookup, 120, "6.10")]
    [InlineData(BpfProgramType.KProbe, 14, null)]
    [InlineData(BpfProgramType.CGroupSockAddr, 16, null)]
    [InlineData(BpfProgramType.Xdp, 5, null)]
    public void A_helper_about_the_process_came_later_to_programs_for_packets(BpfProgramType type, int helper, string? kernel)
        => Assert.Equal(kernel is null ? null : Version.Parse(kernel), HelperVersions.LaterFor(type, helper));

    [Theory]
    [InlineData(0)]
    [InlineData(212)]
    public void A_number_that_is_not_a_helper_has_no_version(int helper) => Assert.Null(HelperVersions.Of(helper));
}
