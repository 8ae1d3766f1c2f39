using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Build.Support;

/// <summary>What a command of <c>dotnet</c> did.</summary>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Output">What it printed.</param>
/// <param name="ClangRuns">How often clang compiled meanwhile.</param>
internal sealed record BuildResult(int ExitCode, string Output, int ClangRuns)
{
    /// <summary>True when the C# compiler ran.</summary>
    public bool RanCSharpCompiler => Output.Contains("/csc.dll", StringComparison.Ordinal) || Output.Contains("/csc ", StringComparison.Ordinal);

    /// <summary>The lines of errors and warnings with one code, each once; MSBuild numbers the lines of a project and repeats them unnumbered.</summary>
    public IReadOnlyList<string> Diagnostics(string code)
        => [.. Regex.Matches(Output, $@"^(?:\s*[\d:]+>)?\s*(.*\b(?:error|warning) {code}\b.*)$", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value.TrimEnd()).Distinct()];

    /// <summary>This result, when the command succeeded.</summary>
    public BuildResult Succeeded()
    {
        Assert.True(ExitCode == 0, Output);
        return this;
    }

    /// <summary>This result, when the command failed.</summary>
    public BuildResult Failed()
    {
        Assert.True(ExitCode != 0, Output);
        return this;
    }
}
