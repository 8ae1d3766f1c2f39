namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>The value in the middle, which a few disturbed rounds do not move.</summary>
internal static class Median
{
    internal static double Of(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
