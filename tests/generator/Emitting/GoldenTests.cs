using Hypermesh.Bpf.Tests.Generator.Support;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>The generated code as a person has read it.</summary>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("Events")]
    [InlineData("Layouts")]
    [InlineData("Sums")]
    [InlineData("Reserved")]
    [InlineData("Minimal")]
    [InlineData("Attaches")]
    [InlineData("Documented")]
    [InlineData("Torture")]
    public void Generated_code_is_the_accepted_one(string carrier)
    {
        GeneratorRun run = GeneratorRun.Of(carrier);

        GoldenFile.Check($"{carrier}.g.cs", run.Sources.Single().SourceText.ToString());
    }
}
