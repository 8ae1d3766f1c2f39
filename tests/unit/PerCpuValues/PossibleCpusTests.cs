namespace Hypermesh.Bpf.Tests.Unit.PerCpuValues;

/// <summary>The kernel's list of possible CPUs, and values of each.</summary>
public sealed class PossibleCpusTests
{
    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3\n", new[] { 0, 1, 2, 3 })]
    [InlineData("0,2-3,7", new[] { 0, 2, 3, 7 })]
    public void Lists_of_CPUs_are_read(string list, int[] expected)
    {
        PossibleCpus cpus = PossibleCpus.Parse(list);
        Assert.Equal(expected, cpus.Numbers.ToArray());
        Assert.Equal(expected.Length - 1, cpus.SlotOf(expected[^1]));
        Assert.Equal(-1, cpus.SlotOf(expected[^1] + 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("3-1")]
    [InlineData("0-1-2")]
    [InlineData("0-99999999")]
    public void An_invalid_list_of_CPUs_is_an_error(string list) => Assert.Throws<BpfException>(() => PossibleCpus.Parse(list));

    [Fact]
    public void Values_of_CPUs_with_gaps_are_found_by_number()
    {
        PerCpu<uint> values = PerCpu<uint>.Allocate(PossibleCpus.Parse("0,2"));
        values.Set(2, 5);
        values.Set(0, 3);
        Assert.Equal(5u, values[2]);
        Assert.Equal(8u, values.Sum());
        Assert.Equal([3u, 5u], values.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => values[1]);
    }
}
