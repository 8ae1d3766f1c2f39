using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Figures;

public sealed class GroundTruthTests
{
    [Theory]
    [InlineData(39UL, 41UL, 41UL, 2, 0, true)]
    [InlineData(38UL, 41UL, 41UL, 2, -3, false)]
    [InlineData(44UL, 41UL, 42UL, 2, 0, true)]
    [InlineData(45UL, 41UL, 42UL, 2, 3, false)]
    [InlineData(9_900UL, 10_000UL, 10_000UL, 2, -100, true)]
    [InlineData(9_899UL, 10_000UL, 10_000UL, 2, -101, false)]
    [InlineData(0UL, 2UL, 2UL, 2, 0, true)]
    [InlineData(0UL, 3UL, 3UL, 2, -3, false)]
    public void Events_in_flight_are_no_error_and_beyond_them_a_hundredth_is_tolerated(ulong measured, ulong low, ulong high, int inFlight, long error, bool holds)
    {
        var truth = new GroundTruth("figure", "source", measured, low, high, inFlight);
        Assert.Equal((error, holds), (truth.Error, truth.Holds));
    }

    [Fact]
    public void A_share_is_of_the_bound_that_is_passed()
    {
        Assert.Equal(-0.25, new GroundTruth("figure", "source", 75, 100, 200).ErrorShare);
        Assert.Equal(0.5, new GroundTruth("figure", "source", 300, 100, 200).ErrorShare);
        Assert.Equal(5, new GroundTruth("figure", "source", 5, 0, 0).ErrorShare);
        Assert.Equal(0, new GroundTruth("figure", "source", 150, 100, 200).ErrorShare);
    }
}
