using System.Reflection;
using Hypermesh.Bpf.Tests.Generator.Support;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>Which structs add up over CPUs, and to what.</summary>
public sealed class SummationTests
{
    [Theory]
    [InlineData("Histogram", true)]
    [InlineData("Spread", true)]
    [InlineData("Labelled", false)]
    [InlineData("Flagged", false)]
    [InlineData("Pointing", false)]
    public void Only_structs_whose_every_field_adds_up_can_be_summed(string name, bool addsUp)
    {
        Type type = CompiledSkeleton.Of("Sums").GetNestedType(name)!;

        Assert.Equal(addsUp, type.GetInterfaces().Any(one => one.Name.StartsWith("IPerCpuSum", StringComparison.Ordinal)));
    }

    [Fact]
    public void Adds_numbers_arrays_and_nested_structs()
    {
        var probe = new ValueProbe(CompiledSkeleton.Of("Sums").GetNestedType("Histogram")!);
        byte[] ones = new byte[probe.Size];
        ones[8] = 1;   // slots[1]
        ones[34] = 2;  // grid[0][1]
        ones[40] = 200; // narrow: runs over
        ones[56] = 3;  // inside
        ones[64] = 4;  // spread.count
        ones[112] = 5; // parts[1].count
        byte[] sum = Add(probe, ones, ones);

        Assert.Equal((2, 4, 144, 6, 8, 10), (sum[8], sum[34], sum[40], sum[56], sum[64], sum[112]));
    }

    [Fact]
    public void Tags_choose_the_greatest_or_the_least()
    {
        var probe = new ValueProbe(CompiledSkeleton.Of("Sums").GetNestedType("Spread")!);

        byte[] sum = Add(probe, Spread(count: 1, longest: 10, shortest: -3), Spread(count: 2, longest: 20, shortest: -1));

        Assert.Equal(Spread(count: 3, longest: 20, shortest: -3), sum);
    }

    private static byte[] Spread(long count, long longest, long shortest)
        => [.. BitConverter.GetBytes(count), .. BitConverter.GetBytes(longest), .. BitConverter.GetBytes(shortest)];

    private static byte[] Add(ValueProbe probe, byte[] total, byte[] value)
    {
        object?[] arguments = [probe.FromBytes(total), probe.FromBytes(value)];
        probe.Type.GetMethod("Add", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, arguments);
        return probe.ToBytes(arguments[0]!);
    }
}
