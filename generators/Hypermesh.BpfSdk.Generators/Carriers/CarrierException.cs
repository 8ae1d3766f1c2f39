namespace Hypermesh.BpfSdk.Generators.Carriers;

/// <summary>A carrier's text is not what the clang task writes.</summary>
/// <param name="source">The C file, where the header got far enough to name it.</param>
/// <param name="line">The line of the carrier that is wrong.</param>
/// <param name="problem">What is wrong there.</param>
internal sealed class CarrierException(string? source, int line, string problem)
    : Exception($"line {line}: {problem}")
{
    /// <summary>The C file, null when the header did not name it.</summary>
    public string? SourceFile { get; } = source;
}
