using System.Globalization;

namespace Hypermesh.Bpf.Tests.Harness;

/// <summary>
/// How much a long test does. The same code and the same assertions run in two sizes: a tenth in <c>./test.sh</c>, and all of it in
/// <c>./test.sh --full PART</c>, which sets HYPERMESH_FULL=1.
/// </summary>
internal static class Rounds
{
    private const int Tenth = 10;

    /// <summary>True where all of it is wanted.</summary>
    internal static bool IsFull { get; } = Environment.GetEnvironmentVariable("HYPERMESH_FULL") == "1";

    /// <summary>Returns how many rounds to do: the whole, or a tenth of it, at least one.</summary>
    /// <param name="whole">The size that is promised, done with HYPERMESH_FULL=1.</param>
    internal static int Of(int whole) => Of(whole, IsFull);

    /// <inheritdoc cref="Of(int)"/>
    internal static int Of(int whole, bool isFull) => isFull ? whole : Math.Max(1, whole / Tenth);

    /// <summary>Says that a long test goes on, so that it is not taken for one that hangs.</summary>
    internal static void Report(string what, long done, long all)
        => LiveReport.Write("working", what, string.Create(CultureInfo.InvariantCulture, $"{done} of {all}"));

    /// <summary>States a result. A full run writes all of them to a file under artifacts/full, from which a note can quote.</summary>
    internal static void Figure(string what, FormattableString value) => LiveReport.Write("figure", what, value.ToString(CultureInfo.InvariantCulture));
}
