using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Packages;

/// <summary>What the public API loses is named in the change log: <c>msbuild/ApiBaseline.targets</c> on a change log and suppressions of this test.</summary>
public sealed class ApiBaselineTests(PackedFeed feed)
{
    [Theory]
    [InlineData("T:Hypermesh.Bpf.BpfMap", "BpfMap", "`BpfMap` is gone.")]
    [InlineData("T:Hypermesh.Bpf.BpfMap", "BpfMap", "Of BpfMap.", "BpfMap.Get, BpfMapBatch and XBpfMap")]
    [InlineData("T:Hypermesh.Bpf.BpfMapBatch`2.Enumerator", "BpfMapBatch.Enumerator", "BpfMapBatch.Enumerator is", "an Enumerator")]
    [InlineData("M:Hypermesh.Bpf.BpfMap.Get(System.Int32,System.String)", "BpfMap.Get", "`BpfMap.Get(int)`", "BpfMap.GetInfo")]
    [InlineData("M:Hypermesh.Bpf.BpfMap.get_Id", "BpfMap.Id", "BpfMap.Id")]
    [InlineData("M:Hypermesh.Bpf.Objects.BpfMapSpec.#ctor(System.String)", "BpfMapSpec", "BpfMapSpec")]
    [InlineData("M:Hypermesh.Bpf.BpfHashMap`2.Set``1(`0@,System.Action{``0})", "BpfHashMap.Set", "BpfHashMap.Set")]
    [InlineData("M:Hypermesh.Bpf.BpfMap.Renamed(System.Int32)$0", "BpfMap.Renamed", "BpfMap.Renamed")]
    [InlineData("M:Hypermesh.Bpf.Objects.Btf.BtfTypes.Find:[T:System.ObsoleteAttribute]", "BtfTypes.Find", "BtfTypes.Find")]
    public void An_accepted_break_must_be_named_in_full(string target, string name, string naming, string other = "something else")
    {
        Assert.Equal(0, Demand(target, naming, "").ExitCode);
        BuildResult unnamed = Demand(target, other, naming);
        Assert.NotEqual(0, unnamed.ExitCode);
        Assert.Contains($"loses what \"Unreleased\" in CHANGELOG.md does not name: {name}. Add what to use instead.", unnamed.Output, StringComparison.Ordinal);
    }

    private BuildResult Demand(string target, string unreleased, string released)
    {
        using UserProject project = new(feed);
        project.Write("../CHANGELOG.md", $"# Changes\n\n## Unreleased\n\n- {unreleased}\n\n## 0.1.0\n\n- {released}\n");
        project.Write("../msbuild/ApiBaseline.targets", File.ReadAllText(Path.Combine(PackedFeed.Repository, "msbuild", "ApiBaseline.targets")));
        project.Write("CompatibilitySuppressions.xml", $"<Suppressions><Suppression><Target>{target}</Target></Suppression></Suppressions>");
        project.Write(
            "Library.proj",
            """
            <Project>
              <PropertyGroup>
                <EnablePackageValidation>true</EnablePackageValidation>
                <PackageId>Library</PackageId>
              </PropertyGroup>
              <Import Project="../msbuild/ApiBaseline.targets" />
            </Project>
            """);
        return project.Run("msbuild", "Library.proj", "-nodeReuse:false", "-t:_DemandChangeLog");
    }
}
