using System.Diagnostics;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Scripts;

/// <summary>What <c>./run.sh</c> does before it builds: it checks its arguments, and whether its packages are up to date.</summary>
public sealed class RunScriptTests
{
    // Each folder and file whose change must lead to a new package.
    private static readonly string[] s_parts =
    [
        "src/Hypermesh.Bpf/Hypermesh.Bpf.csproj", "src/Hypermesh.Bpf.Objects/FormatReader.cs", "src/Hypermesh.Bpf.Clang/Running/ClangRun.cs", "src/Hypermesh.Bpf.Monitoring/Cpu/CpuMonitor.cs", "src/Directory.Build.props",
        "generators/Hypermesh.BpfSdk.Generators/Hypermesh.BpfSdk.Generators.csproj", "generators/Hypermesh.BpfSdk.Skeletons/Carriers/Carrier.cs", "bpf-templates/cpu/cpu.bpf.c", "samples/RunQueue/Program.cs", "samples/nuget.config",
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
    public void A_wrong_argument_is_reported_with_the_usage_before_anything_is_done(string message, params string[] arguments)
    {
        (int code, string output, string error) = RunWithoutDotNet(arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("./run.sh --seconds 10", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--json", "--help")]
    public void Help_is_the_usage_and_nothing_else(params string[] arguments)
    {
        (int code, string output, string error) = RunWithoutDotNet(arguments);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("--seconds 10", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_any_input_leads_to_new_packages()
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

    // A program in the place of dotnet writes down what it is asked for, and makes the files that the script looks for.
    private const string DotNet = """
        #!/bin/bash
        case $1 in
          restore | pack | build) mktemp -d >/dev/null ;;
        esac
        case $1 in
          --version) echo 10.0.100; exit 0 ;;
          pack) mkdir -p "$REPO/artifacts/package"; : >"$REPO/artifacts/package/Hypermesh.Bpf.Monitoring.0.1.0.nupkg"
            echo "  Hypermesh.Bpf.Objects -> /x/Hypermesh.Bpf.Objects.dll"; echo "  Hypermesh.Bpf -> /x/Hypermesh.Bpf.dll" ;;
          build) mkdir -p "$REPO/samples/RunQueue/bin/Release/net10.0"; : >"$REPO/samples/RunQueue/bin/Release/net10.0/RunQueue.dll" ;;
        esac
        echo "${*//$REPO\//}" >>"$CALLS"

        """;

    [Fact]
    public void Only_what_the_sample_needs_is_packed_and_only_when_something_has_changed()
    {
        using var copy = new TemporaryFolder();
        using var tools = new TemporaryFolder();
        string[] parts = [.. s_parts, "msbuild/scripts/prerequisites.sh", "msbuild/scripts/pack.sh"];
        foreach (string part in parts)
        {
            string to = Path.Combine(copy.Path, part);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(Path.Combine(PackedFeed.Repository, part), to);
        }

        UserProject.WriteProgram(Path.Combine(tools.Path, "sudo"), "exec \"$@\"");
        File.WriteAllText(Path.Combine(tools.Path, "dotnet"), DotNet);
        File.SetUnixFileMode(Path.Combine(tools.Path, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string calls = Path.Combine(tools.Path, "calls");
        string temporary = Directory.CreateDirectory(Path.Combine(tools.Path, "temporary")).FullName;
        (string Name, string Value)[] environment = [("PATH", $"{tools.Path}:{Environment.GetEnvironmentVariable("PATH")}"), ("REPO", copy.Path), ("CALLS", calls), ("TMPDIR", temporary)];

        // The first run says which of three steps is done, and of a step which project.
        (int code, string output, string error) = Run([Path.Combine(copy.Path, "run.sh"), "--seconds", "3"], environment);
        Assert.True(code == 0, error);
        Assert.Equal("", output);
        Assert.Equal(["1 of 3: ", "2 of 3: ", "3 of 3: "], error.Split('\n').Where(static line => line.Contains(" of 3: ", StringComparison.Ordinal)).Select(static line => line[..8]));
        Assert.Contains("  1 of 6: Hypermesh.Bpf.Objects (", error, StringComparison.Ordinal);
        Assert.Contains("  2 of 6: Hypermesh.Bpf (", error, StringComparison.Ordinal);
        string[] first = File.ReadAllLines(calls);
        Assert.Equal(["restore msbuild/Monitoring.slnf", "pack msbuild/Monitoring.slnf", "build samples/RunQueue"], first[..^1].Select(static call => string.Join(' ', call.Split(' ')[..2])));
        Assert.Equal("samples/RunQueue/bin/Release/net10.0/RunQueue.dll --seconds 3", first[^1]);

        // What a command of dotnet leaves in its temporary folder is gone.
        Assert.Empty(Directory.GetFileSystemEntries(temporary));

        // The second starts the program and nothing else.
        File.Delete(calls);
        (code, _, error) = Run([Path.Combine(copy.Path, "run.sh"), "--json"], environment);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(["samples/RunQueue/bin/Release/net10.0/RunQueue.dll --json"], File.ReadAllLines(calls));

        File.Delete(calls);
        File.AppendAllText(Path.Combine(copy.Path, "bpf-templates/cpu/cpu.bpf.c"), "\n");
        Assert.Equal(0, Run([Path.Combine(copy.Path, "run.sh"), "--json"], environment).Code);
        Assert.Equal(4, File.ReadAllLines(calls).Length);

        // Packages that another build removed are made again.
        File.Delete(calls);
        Directory.Delete(Path.Combine(copy.Path, "artifacts/package"), recursive: true);
        Assert.Equal(0, Run([Path.Combine(copy.Path, "run.sh"), "--json"], environment).Code);
        Assert.Equal(4, File.ReadAllLines(calls).Length);
    }

    [Fact]
    public void Without_an_option_it_shows_all_monitors()
    {
        using var copy = new TemporaryFolder();
        foreach (string part in new[] { "run.sh", "msbuild/scripts/prerequisites.sh", "msbuild/scripts/pack.sh" })
        {
            string to = Path.Combine(copy.Path, part);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(Path.Combine(PackedFeed.Repository, part), to);
        }

        UserProject.WriteProgram(Path.Combine(copy.Path, "hmbpf"), "[ \"$1\" = --version ] || echo \"hmbpf $*\"");
        UserProject.WriteProgram(Path.Combine(copy.Path, "sudo"), "while [[ $1 == *=* ]]; do shift; done; exec \"$@\"");
        (int code, string output, string error) = Run([Path.Combine(copy.Path, "run.sh")], ("PATH", $"{copy.Path}:{Environment.GetEnvironmentVariable("PATH")}"));
        Assert.Equal((0, "hmbpf top\n", ""), (code, output, error));
    }

    [Fact]
    public void The_projects_that_are_packed_are_those_of_the_monitors_and_what_they_are_built_with()
    {
        string[] projects = [.. System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(PackedFeed.Repository, "msbuild/Monitoring.slnf"))).RootElement
            .GetProperty("solution").GetProperty("projects").EnumerateArray().Select(static project => Path.GetFileNameWithoutExtension(project.GetString()!.Replace('\\', '/')))];

        Assert.Equal(
            ["Hypermesh.Bpf", "Hypermesh.Bpf.Monitoring", "Hypermesh.Bpf.Objects", "Hypermesh.BpfSdk.Comments", "Hypermesh.BpfSdk.Generators", "Hypermesh.BpfSdk.Tasks"],
            projects.Order(StringComparer.Ordinal));
    }

    private static string Fingerprint(string folder)
    {
        (int code, string output, string error) = Run(["-c", "set -euo pipefail; REPO=$1; . msbuild/scripts/prerequisites.sh; . msbuild/scripts/pack.sh; fingerprint", "bash", folder]);
        Assert.True(code == 0, error);
        Assert.Matches("^[0-9a-f]{64}$", output.Trim());
        return output;
    }

    // Whether the packages are up to date or not, dotnet is not even looked for.
    private static (int Code, string Output, string Error) RunWithoutDotNet(string[] arguments)
    {
        using var tools = new TemporaryFolder();
        string called = Path.Combine(tools.Path, "called");
        UserProject.WriteProgram(Path.Combine(tools.Path, "dotnet"), $"echo \"$*\" >>'{called}'; exit 1");
        (int, string, string) result = Run(["run.sh", .. arguments], ("PATH", $"{tools.Path}:{Environment.GetEnvironmentVariable("PATH")}"));
        Assert.False(File.Exists(called), "dotnet was started");
        return result;
    }

    private static (int Code, string Output, string Error) Run(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("bash", arguments) { WorkingDirectory = PackedFeed.Repository, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
