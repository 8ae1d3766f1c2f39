using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Parsing;

namespace Hypermesh.Bpf.Tests.Generator.Model;

/// <summary>Models are values: equal when they mean the same, whoever made them.</summary>
public sealed class ModelTests
{
    [Theory]
    [InlineData("Events")]
    [InlineData("Layouts")]
    [InlineData("Sums")]
    [InlineData("Clashes")]
    [InlineData("Documented")]
    [InlineData("NoBtf")]
    public void The_same_text_gives_an_equal_model(string carrier)
    {
        SkeletonResult first = SkeletonParser.Parse(CarrierFile.TextOf(carrier), carrier);
        SkeletonResult second = SkeletonParser.Parse(CarrierFile.TextOf(carrier), carrier);

        Assert.NotSame(first, second);
        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
    }

    [Fact]
    public void Another_name_gives_another_model()
    {
        SkeletonResult first = SkeletonParser.Parse(CarrierFile.TextOf("Events"), "x");
        SkeletonResult second = SkeletonParser.Parse(CarrierFile.TextOf("Events").Replace("class Events", "class Other", StringComparison.Ordinal), "x");

        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Windows_line_ends_make_no_difference()
    {
        SkeletonResult first = SkeletonParser.Parse(CarrierFile.TextOf("Events"), "x");
        SkeletonResult second = SkeletonParser.Parse(CarrierFile.TextOf("Events").Replace("\n", "\r\n", StringComparison.Ordinal), "x");

        Assert.Equal(first, second);
    }
}
