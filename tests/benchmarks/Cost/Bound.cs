using System.Globalization;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>What a measurement must keep. Each is one line that begins with <c>passed</c> or <c>failed</c>, as those of the other comparisons of <c>test.sh</c>.</summary>
internal static class Bound
{
    /// <summary>1 when a bound was not kept.</summary>
    internal static int ExitCode { get; private set; }

    internal static void AtMost(double limit, double value, string what) => Report(value <= limit, value, what, "at most", limit);

    internal static void AtLeast(double limit, double value, string what) => Report(value >= limit, value, what, "at least", limit);

    private static void Report(bool holds, double value, string what, string kind, double limit)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(holds ? "passed" : "failed")} {what}: {value:F2}, {kind} {limit}"));
        ExitCode = holds ? ExitCode : 1;
    }
}
