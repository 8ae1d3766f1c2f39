using System.Reflection;
using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.Bpf.Tests.Build.Support;

[assembly: AssemblyFixture(typeof(PackedFeed))]

namespace Hypermesh.Bpf.Tests.Build.Support;

/// <summary>The packages of this repository, packed once for all tests, and a package folder of their own.</summary>
public sealed class PackedFeed : IDisposable
{
    /// <summary>The version of everything packed.</summary>
    public const string Version = "0.1.0";

    private readonly TemporaryFolder _folder = new();
    private readonly CompilerServer _compiler = new();

    /// <summary>Takes the feed that <c>test.sh</c> packed, or packs one.</summary>
    public PackedFeed()
    {
        Packages = Path.Combine(_folder.Path, "packages");
        Clang = FindClang() ?? throw new InvalidOperationException($"These tests compile C: clang {ClangInstallation.MinimumMajor} or newer is needed.");
        if (Environment.GetEnvironmentVariable("HYPERMESH_BPF_FEED") is { Length: > 0 } packed)
        {
            Feed = packed;
            return;
        }

        Feed = Path.Combine(_folder.Path, "feed");
        // All files of a package have one time, so that packing the same again gives the same.
        Pack(Repository, Feed, new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = "1000000000" }, "src/Hypermesh.Bpf", "src/Hypermesh.Bpf.Testing", "msbuild/Hypermesh.BpfSdk", "msbuild/Hypermesh.BpfSdk.Templates");
    }

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = typeof(PackedFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryDirectory").Value!;

    /// <summary>The folder with the packages.</summary>
    public string Feed { get; }

    /// <summary>The folder they are unpacked to.</summary>
    public string Packages { get; }

    /// <summary>The clang of this machine.</summary>
    public string Clang { get; }

    /// <summary>The variables with which a build uses the compiler server of this run.</summary>
    public IReadOnlyDictionary<string, string> Compiler => new Dictionary<string, string> { ["UseSharedCompilation"] = "true", ["SharedCompilationId"] = _compiler.Name };

    /// <summary>Properties of a build of this repository that was analyzed before: what only checks the source is left out.</summary>
    internal static string[] Quickly { get; } = ["-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:CompilesAhead=false", "-p:EnablePackageValidation=false"];

    /// <summary>The clang of this machine; null where there is none that can compile BPF.</summary>
    internal static string? FindClang()
        => ClangCandidate.All("", Environment.GetEnvironmentVariable("HYPERMESH_BPF_CLANG") ?? "", Environment.GetEnvironmentVariable("PATH") ?? "", Environment.CurrentDirectory)
            .Where(static candidate => File.Exists(candidate.Path) && ClangProbe.Ask(candidate.Path, CancellationToken.None).Problem is null)
            .Select(static candidate => candidate.Path)
            .FirstOrDefault();

    /// <inheritdoc/>
    public void Dispose()
    {
        _compiler.Dispose();
        _folder.Dispose();
    }

    /// <summary>Packs projects of a copy of the repository.</summary>
    internal static void Pack(string repository, string feed, IReadOnlyDictionary<string, string> environment, params string[] projects)
        => Pack(repository, feed, environment, [], projects);

    /// <summary>Packs projects of a copy of the repository with properties of the caller's.</summary>
    internal static void Pack(string repository, string feed, IReadOnlyDictionary<string, string> environment, string[] properties, string[] projects)
    {
        // dotnet leaves empty folders in its temporary folder. NuGet's locks stay where others look for them.
        using TemporaryFolder temporary = new();
        Dictionary<string, string> own = new(environment)
        {
            ["TMPDIR"] = temporary.Path,
            ["NUGET_SCRATCH"] = Path.Combine(Path.GetTempPath(), "NuGetScratch" + Environment.UserName),
        };
        foreach (string project in projects)
        {
            (int exitCode, string output) = DotNet.Run(repository, own, ["pack", project, "-c", "Release", $"-p:PackageOutputPath={feed}", "-nodeReuse:false", .. properties]);
            Assert.True(exitCode == 0, output);
        }
    }
}
