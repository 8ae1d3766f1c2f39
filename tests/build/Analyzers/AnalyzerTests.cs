using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Analyzers;

/// <summary>The analyzers and fixes as a project gets them with the package.</summary>
public sealed class AnalyzerTests(PackedFeed feed)
{
    private const string Leaks = """
        var packets = App.Packets.Open();
        var live = packets.Load();
        live.Attach();
        """;

    private const string Disposes = """
        var packets = App.Packets.Open();
        using var live = packets.Load();
        live.Programs.CountPackets.Attach(Hypermesh.Bpf.NetworkDevice.FromName("veth0"));
        """;

    [Fact]
    public void A_mistake_is_reported_at_its_line_with_a_page_of_the_package()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("Main.cs", Leaks);

        string warning = Assert.Single(project.Build().Succeeded().Diagnostics("HMBPF3001"));

        Assert.StartsWith($"{project.PathOf("Main.cs")}(2,20): warning HMBPF3001: 'Packets' is never disposed", warning);
        string page = warning.Split('(', ')').Single(part => part.EndsWith(".md", StringComparison.Ordinal));
        string package = Path.Combine(feed.Packages, "hypermesh.bpfsdk", PackedFeed.Version);
        Assert.StartsWith("Hypermesh.BpfSdk/", page);
        Assert.StartsWith("# HMBPF3001:", File.ReadAllText(Path.Combine(package, page["Hypermesh.BpfSdk/".Length..])));
    }

    [Fact]
    public void A_mistake_in_the_C_is_reported_at_its_line_and_obeys_the_project()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("char LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\";", ""));
        project.Write("Main.cs", Disposes);

        string warning = Assert.Single(project.Build().Succeeded().Diagnostics("HMBPF2501"));

        Assert.StartsWith("packets.bpf.c(14,1): warning HMBPF2501: 'packets.bpf.c' states no license", warning[warning.IndexOf("packets.bpf.c", StringComparison.Ordinal)..]);
        Assert.Empty(project.Build("--no-incremental", "-p:NoWarn=HMBPF2501").Succeeded().Diagnostics("HMBPF2501"));
        project.Build("--no-incremental", "-p:WarningsAsErrors=HMBPF2501").Failed();
    }

    [Fact]
    public void Right_code_builds_where_every_warning_is_an_error()
    {
        using UserProject project = UserProject.Console(feed, properties: "<TreatWarningsAsErrors>true</TreatWarningsAsErrors><AnalysisLevel>latest-all</AnalysisLevel>");
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("Main.cs", Disposes);

        BuildResult build = project.Build().Succeeded();

        // The compiler is given the fixes too, as NuGet gives it all of a package's folder, and has nothing to say of that.
        Assert.Contains("Hypermesh.BpfSdk.CodeFixes.dll", build.Output);
        Assert.DoesNotContain("warning", build.Output);
    }

    [Fact]
    public void Only_editors_see_the_C()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        Assert.Contains("\"SourceItemGroup\": \"BpfSource\"", AdditionalFiles(project, "true"));
        Assert.DoesNotContain("BpfSource", AdditionalFiles(project, "false"));
    }

    private static string AdditionalFiles(UserProject project, string isDesignTime)
        => project.Run(
            "msbuild", "-restore", "-v:n", "-nodeReuse:false", "-t:Compile", "-getItem:AdditionalFiles", "-getResultOutputFile:/dev/stdout",
            $"-p:DesignTimeBuild={isDesignTime}", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true").Succeeded().Output;
}
