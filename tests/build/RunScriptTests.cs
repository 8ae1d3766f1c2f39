using System.Diagnostics;
using Hypermesh.Bpf.Tests.Build.Harness;

namespace Hypermesh.Bpf.Tests.Build;

/// <summary>What <c>./run.sh</c> does before it builds: it checks its arguments, and whether its packages are up to date.</summary>
public sealed class RunScriptTests
{
    // Each folder and file whose change must lead to a new package.
    private static readonly string[] s_parts =
    [
        "src/Hypermesh.Bpf/Hypermesh.Bpf.csproj", "src/Hypermesh.Bpf.Objects/FormatReader.cs", "src/Hypermesh.Bpf.Monitoring/CpuMonitor.cs", "src/Directory.Build.props",
        "generators/Hypermesh.BpfSdk.Generators/Hypermesh.BpfSdk.Generators.csproj", "bpf-templates/cpu/cpu.bpf.c", "samples/RunQueue/Program.cs", "samples/nuget.config",
        "msbuild/InRepo.targets", "msbuild/Hypermesh.BpfSdk/include/hypermesh/tracepoint.h", "msbuild/Hypermesh.BpfSdk/build/Hypermesh.BpfSdk.targets",
        "msbuild/Hypermesh.BpfSdk.Tasks/Hypermesh.BpfSdk.Tasks.csproj", "Directory.Packages.props", "global.json", "run.sh",
    ];

    [Theory]
    [InlineData("there is no option '--secnods'", "--secnods", "5")]
    [InlineData("there is no option 'now'", "now")]
    [InlineData("there is no option '-j'", "--json", "-j")]
    [InlineData("--seconds takes a number", "--seconds")]
    [InlineData("not '0'", "--seconds", "0")]
    [InlineData("not '-3'", "--seconds=-3")]
    [InlineData("not '1.5'", "--seconds", "1.5")]
    [InlineData("not ''", "--seconds", "")]
    [InlineData("not '99999999999'", "--seconds", "99999999999")]
    public void A_mistake_is_told_with_the_usage_before_anything_is_done(string message, params string[] arguments)
    {
        (int code, string output, string error) = Run(["run.sh", .. arguments]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("./run.sh --seconds 10", error, StringComparison.Ordinal);
        Assert.DoesNotContain("packing", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--json", "--help")]
    public void Help_is_the_usage_and_nothing_else(params string[] arguments)
    {
        (int code, string output, string error) = Run(["run.sh", .. arguments]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("--seconds 10", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_packages_are_made_of_leads_to_new_ones_when_it_changes()
    {
        using var copy = new TemporaryFolder();
        foreach (string part in s_parts)
        {
            string to = Path.Combine(copy.Path, part);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(Path.Combine(PackedFeed.Repository, part), to);
        }

        string before = Fingerprint(copy.Path);
        Assert.Equal(before, Fingerprint(copy.Path));
        foreach (string part in s_parts)
        {
            string path = Path.Combine(copy.Path, part);
            byte[] content = File.ReadAllBytes(path);
            DateTime time = File.GetLastWriteTimeUtc(path);

            // An edit whose time is older, as a checkout or a copy may bring it, counts like any other.
            File.WriteAllBytes(path, [.. content, (byte)'\n']);
            File.SetLastWriteTimeUtc(path, time.AddDays(-1));
            Assert.True(Fingerprint(copy.Path) != before, $"an edit of {part} is not seen");
            File.Delete(path);
            Assert.True(Fingerprint(copy.Path) != before, $"that {part} is gone is not seen");
            File.WriteAllBytes(path, content);
        }

        Assert.Equal(before, Fingerprint(copy.Path));
        Directory.CreateDirectory(Path.Combine(copy.Path, "src/Hypermesh.Bpf/obj"));
        File.WriteAllText(Path.Combine(copy.Path, "src/Hypermesh.Bpf/obj/made.cs"), "");
        Assert.Equal(before, Fingerprint(copy.Path));
        File.WriteAllText(Path.Combine(copy.Path, "src/Hypermesh.Bpf/New.cs"), "");
        Assert.NotEqual(before, Fingerprint(copy.Path));
    }

    private static string Fingerprint(string folder)
    {
        (int code, string output, string error) = Run(["-c", "set -euo pipefail; REPO=$1; . msbuild/scripts/prerequisites.sh; . msbuild/scripts/pack.sh; fingerprint", "bash", folder]);
        Assert.True(code == 0, error);
        Assert.Matches("^[0-9a-f]{64}$", output.Trim());
        return output;
    }

    private static (int Code, string Output, string Error) Run(string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("bash", arguments) { WorkingDirectory = PackedFeed.Repository, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
