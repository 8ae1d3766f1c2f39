using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Tests.Unit.Objects.NameMatching;

/// <summary>Patterns of names, and names that are nearly what was meant.</summary>
public sealed class NameMatchingTests
{
    [Theory]
    [InlineData("tcp_*", "tcp_connect", true)]
    [InlineData("*_connect", "tcp_connect", true)]
    [InlineData("tcp_?onnect", "tcp_connect", true)]
    [InlineData("*c*c*t", "tcp_connect", true)]
    [InlineData("*", "", true)]
    [InlineData("tcp", "tcp_connect", false)]
    [InlineData("?", "", false)]
    [InlineData("a*b*c", "abd", false)]
    public void A_pattern_matches_the_whole_name(string pattern, string name, bool fits) => Assert.Equal(fits, GlobPattern.Matches(pattern, name));

    [Fact]
    public void Many_stars_do_not_make_matching_slow()
        => Assert.False(GlobPattern.Matches(string.Concat(Enumerable.Repeat("*a", 200)) + "b", new string('a', 20_000)));

    [Fact]
    public void The_compilers_variants_come_first()
    {
        var near = new NearNames("do_unlinkat");
        foreach (string name in new[] { "do_unlinkat_now", "schedule", "do_unlikat", "do_unlinkat.isra.0", "__do_unlinkat", "do_unlinkat.constprop.0" })
        {
            near.See(name);
        }

        Assert.Equal(["do_unlinkat.constprop.0", "do_unlinkat.isra.0"], near.Variants);
        Assert.Equal(["do_unlinkat.constprop.0", "do_unlinkat.isra.0", "__do_unlinkat", "do_unlinkat_now", "do_unlikat"], near.Best);
    }

    [Theory]
    [InlineData("", "xdp", 3)]
    [InlineData("xdp", "xdp", 0)]
    [InlineData("lsit", "list", 1)]
    [InlineData("inspct", "inspect", 1)]
    [InlineData("verify", "verifies", 3)]
    [InlineData("ab", "bca", 3)]
    public void Two_letters_exchanged_are_one_edit(string first, string second, int distance)
    {
        Assert.Equal(distance, EditDistance.Between(first, second));
        Assert.Equal(distance, EditDistance.Between(second, first));
    }
}
