using Hypermesh.Bpf.Tests.Generator.Support;

namespace Hypermesh.Bpf.Tests.Generator;

/// <summary>Bad input: what is said, and where.</summary>
public sealed class DiagnosticTests
{
    [Fact]
    public void Print() => Assert.Fail(string.Join("\n", GeneratorRun.Of("Layouts").Diagnostics));
}
