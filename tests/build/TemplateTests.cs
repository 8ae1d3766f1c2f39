using Hypermesh.Bpf.Tests.Build.Harness;

namespace Hypermesh.Bpf.Tests.Build;

/// <summary>What <c>dotnet new</c> makes builds without a warning, and its own tests pass on this kernel.</summary>
public sealed class TemplateTests(PackedFeed feed)
{
    [Theory]
    [InlineData("bpf-monitor")]
    [InlineData("bpf-xdp")]
    [InlineData("bpf-lib")]
    public void A_template_builds_and_passes_its_own_tests(string template)
    {
        using UserProject project = new(feed, "My.Thing");
        project.Environment["HOME"] = project.Environment["DOTNET_CLI_HOME"] = Directory.CreateDirectory(project.PathOf("home")).FullName;
        project.Run("new", "install", Path.Combine(feed.Feed, $"Hypermesh.BpfSdk.Templates.{PackedFeed.Version}.nupkg")).Succeeded();
        project.Run("new", template, "--output", "My.Thing").Succeeded();

        project.Run("build", "My.Thing/src", "-warnaserror", "-nodeReuse:false").Succeeded();
        BuildResult tests = project.Run("run", "--project", "My.Thing/tests").Succeeded();

        Assert.DoesNotContain("Failed: 0, Skipped: 0, Not Run: 0, Total: 0", tests.Output, StringComparison.Ordinal);
        Assert.Matches(@"Failed:\s+0", tests.Output);
        Assert.Matches(Environment.IsPrivilegedProcess ? @"Skipped:\s+0" : "needs CAP_BPF", tests.Output);
    }

    [Fact]
    public void A_monitor_runs_and_ends_by_itself()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        using UserProject project = new(feed, "Execs");
        project.Environment["HOME"] = project.Environment["DOTNET_CLI_HOME"] = Directory.CreateDirectory(project.PathOf("home")).FullName;
        project.Run("new", "install", Path.Combine(feed.Feed, $"Hypermesh.BpfSdk.Templates.{PackedFeed.Version}.nupkg")).Succeeded();
        project.Run("new", "bpf-monitor", "--output", "Execs").Succeeded();

        string output = project.Run("run", "--project", "Execs/src", "--", "--seconds", "1").Succeeded().Output;

        Assert.Contains("Watching, Ctrl-C ends.", output, StringComparison.Ordinal);
        Assert.Contains("0 events found no room.", output, StringComparison.Ordinal);
    }
}
