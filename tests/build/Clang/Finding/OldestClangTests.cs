using System.Text.RegularExpressions;
using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Clang.Finding;

/// <summary>The oldest clang that is taken is stated in one place; what repeats it for a reader or a shell says the same.</summary>
public sealed partial class OldestClangTests
{
    private static readonly string[] s_folders = ["src", "msbuild", "generators", "tests", "samples"];

    [Theory]
    [InlineData("msbuild/scripts/prerequisites.sh")]
    [InlineData("msbuild/Hypermesh.BpfSdk.Comments/LibClang.cs")]
    [InlineData("README.md")]
    [InlineData("msbuild/Hypermesh.BpfSdk/README.md")]
    [InlineData("msbuild/Hypermesh.BpfSdk/docs/guides/troubleshooting.md")]
    public void The_oldest_clang_is_named_where_it_is_needed(string file) => Assert.NotEmpty(SaidIn(Path.Combine(PackedFeed.Repository, file)));

    [Fact]
    public void The_oldest_clang_is_the_same_everywhere()
    {
        IEnumerable<string> files = s_folders
            .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(PackedFeed.Repository, folder), "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(PackedFeed.Repository))
            .Where(static file => Path.GetExtension(file) is ".md" or ".sh" or ".cs" or ".yml" or ".targets" or ".props");

        Assert.All(files.SelectMany(SaidIn), static said => Assert.True(int.Parse(said.Version) == ClangInstallation.MinimumMajor, $"{said.File}: {said.Text}"));
    }

    private static IEnumerable<(string File, string Text, string Version)> SaidIn(string file)
        => Saying().Matches(File.ReadAllText(file)).Select(match => (file, match.Value, match.Groups["version"].Value));

    [GeneratedRegex(@"\bclang (?<version>\d+) or newer|OLDEST_CLANG=(?<version>\d+)|as for clang itself\.</summary>\s+private const int Oldest = (?<version>\d+)")]
    private static partial Regex Saying();
}
