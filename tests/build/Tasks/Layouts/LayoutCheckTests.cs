using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Layouts;

/// <summary>The compiled structs are compared with the objects after the C# compiler: where it matters, once, and for nothing when nothing changed.</summary>
public sealed partial class LayoutCheckTests(LayoutCheckTests.BuiltProject built) : IClassFixture<LayoutCheckTests.BuiltProject>
{
    private const string Strict = """
        <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
        <!-- A map with sizes in place of types is one of the shapes. -->
        <NoWarn>$(NoWarn);HMBPF2520</NoWarn>
        <BpfMinimumKernel>7.2</BpfMinimumKernel>
        <AnalysisLevel>latest-all</AnalysisLevel>
        <GenerateDocumentationFile>true</GenerateDocumentationFile>
        <ImplicitUsings>disable</ImplicitUsings>
        <AllowUnsafeBlocks>false</AllowUnsafeBlocks>
        <OutputType>Library</OutputType>
        <BpfCheckLayout>true</BpfCheckLayout>
        <EmitCompilerGeneratedFiles>true</EmitCompilerGeneratedFiles>
        """;

    /// <summary>A library as strict as any, with every shape in its C.</summary>
    public sealed class BuiltProject : IDisposable
    {
        public BuiltProject(PackedFeed feed)
        {
            Feed = feed;
            Project = UserProject.Console(feed, properties: Strict);
            File.Delete(Project.PathOf("Main.cs"));
            string shapes = Path.Combine(PackedFeed.Repository, "tests", "generator", "Carriers");

            // Its programs only touch the values; a sum with one in network order would be an error here (HMBPF2538).
            Project.Write("torture.bpf.c", File.ReadAllText(Path.Combine(shapes, "torture.bpf.c")).Replace("+= network +", "+= __builtin_bswap32(network) +", StringComparison.Ordinal));
            Project.Write("layouts.bpf.c", File.ReadAllText(Path.Combine(shapes, "layouts.bpf.c")));
            First = Project.Build().Succeeded();
        }

        internal PackedFeed Feed { get; }

        internal UserProject Project { get; }

        internal BuildResult First { get; }

        public void Dispose() => Project.Dispose();
    }

    private readonly UserProject _project = built.Project;

    [Fact]
    public void Every_shape_is_compared_and_compiles_without_a_warning()
    {
        Assert.DoesNotContain("warning", built.First.Output);
        string said = File.ReadAllText(_project.Output("layout.stamp"));
        Assert.EndsWith("of 2 objects\n", said);
        Assert.True(int.Parse(said.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) > 300, said);
    }

    [Fact]
    public void What_did_not_change_is_not_compared_again()
    {
        _project.Build("--no-restore").Succeeded();
        DateTime before = File.GetLastWriteTimeUtc(_project.Output("layout.stamp"));

        BuildResult second = _project.Build("--no-restore").Succeeded();

        Assert.Equal(before, File.GetLastWriteTimeUtc(_project.Output("layout.stamp")));
        Assert.DoesNotContain("CheckBpfLayout", second.Output);

        _project.Write("Other.cs", "namespace App; internal static class Other { }\n");
        _project.Build("--no-restore").Succeeded();
        Assert.True(File.GetLastWriteTimeUtc(_project.Output("layout.stamp")) > before, "another assembly was not compared");
    }

    [Fact]
    public void Generated_code_that_is_wrong_fails_the_build_at_the_C_and_does_so_again()
    {
        using UserProject project = new(built.Feed);
        string generated = Directory.GetFiles(_project.PathOf("obj"), "App.Torture.g.cs", SearchOption.AllDirectories).Single();
        string code = File.ReadAllText(generated);
        string wrong = OffsetOfB().Replace(code, "FieldOffset(36)$1");
        Assert.NotEqual(code, wrong);
        project.Write("Torture.cs", wrong);
        project.Write("torture.bpf.c", File.ReadAllText(_project.PathOf("torture.bpf.c")));

        // The generator is switched off, as by one who keeps an edited copy of what it made.
        project.Write("App.csproj", File.ReadAllText(_project.PathOf("App.csproj")).Replace(
            "</Project>",
            """
              <Target Name="WithoutGenerator" BeforeTargets="CoreCompile">
                <ItemGroup><Analyzer Remove="@(Analyzer)" Condition="'%(FileName)' == 'Hypermesh.BpfSdk.Generators'" /></ItemGroup>
              </Target>
            </Project>
            """,
            StringComparison.Ordinal));

        for (int time = 0; time < 2; time++)
        {
            string error = Assert.Single(project.Build().Failed().Diagnostics("HMBPF1020"));

            Assert.StartsWith(project.PathOf("torture.bpf.c"), error, StringComparison.Ordinal);
            Assert.Contains("struct over_aligned has different layouts in App.dll and in the object: the offset of b is 32 in the C and 36 in the assembly", error);
        }

        project.Build("-p:BpfCheckLayout=false").Succeeded();
    }

    // Between them stands the line of the C.
    [GeneratedRegex(@"FieldOffset\(32\)(\][^\]]*public uint B;)")]
    private static partial Regex OffsetOfB();
}
