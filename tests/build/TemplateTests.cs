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
        using UserProject project = New(template, "My.Thing");

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
        using UserProject project = New("bpf-monitor", "Execs");

        string output = project.Run("run", "--project", "Execs/src", "--", "--seconds", "1").Succeeded().Output;

        Assert.Contains("Watching, Ctrl-C ends.", output, StringComparison.Ordinal);
        Assert.Contains("0 events found no room.", output, StringComparison.Ordinal);
    }

    // Installed for a home of its own, not for whoever runs the tests.
    private UserProject New(string template, string name)
    {
        UserProject project = new(feed, "Home");
        project.Environment["HOME"] = project.Environment["DOTNET_CLI_HOME"] = project.Folder;
        project.Run("new", "install", Path.Combine(feed.Feed, $"Hypermesh.BpfSdk.Templates.{PackedFeed.Version}.nupkg")).Succeeded();
        project.Run("new", template, "--output", name).Succeeded();
        return project;
    }
}
