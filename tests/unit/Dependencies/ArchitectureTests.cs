using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Hypermesh.Bpf.Tests.Unit.Dependencies;

/// <summary>Dependencies point one way, between projects and between folders: the table of CONTRIBUTING.md is what the compiled assemblies are held against.</summary>
public sealed class ArchitectureTests
{
    private static readonly string s_repository = Path.GetFullPath(Path.Combine(
        typeof(ArchitectureTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!, "../.."));

    private static readonly House s_house = House.Read(File.ReadAllText(Path.Combine(s_repository, "CONTRIBUTING.md")));

    private static readonly string[] s_names = [.. s_house.Projects.Select(static project => project.Name)];

    public static TheoryData<string> Projects => new(s_house.Projects.Select(static project => project.Folder));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Arrows_between_rooms_point_up_in_the_table(string project)
        => Assert.Equal("", string.Join('\n', s_house[project].Faults(Graph(project))));

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_folders_form_a_circle(string project)
        => Assert.Equal("", string.Join('\n', Graph(project).Circles().Select(static circle => string.Join(' ', circle))));

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_internal_type_has_the_namespace_of_its_folder(string project)
        => Assert.Equal("", string.Join('\n', Graph(project).InForeignNamespaces(s_house[project].Name)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_those_of_the_table(string project)
    {
        using PEReader file = new(File.OpenRead(AssemblyOf(project)));
        MetadataReader metadata = file.GetMetadataReader();
        IEnumerable<string> references = metadata.AssemblyReferences.Select(one => metadata.GetString(metadata.GetAssemblyReference(one).Name));

        Assert.Equal(s_house[project].Uses.Order(StringComparer.Ordinal), references.Where(s_names.Contains).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_project_of_the_solution_that_is_shipped_has_its_rows()
    {
        IEnumerable<string> shipped = new[] { "src", "generators", "msbuild" }
            .SelectMany(static folder => Directory.GetFiles(Path.Combine(s_repository, folder), "*.csproj", SearchOption.AllDirectories))
            .Where(static path => !path.Contains("/templates/", StringComparison.Ordinal) && SourcesOf(path).Any())
            .Select(static path => Path.GetRelativePath(s_repository, Path.GetDirectoryName(path)!));

        Assert.Equal(shipped.Order(StringComparer.Ordinal), s_house.Projects.Select(static project => project.Folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_arrow_against_the_table_is_a_fault()
    {
        const string Monitoring = "src/Hypermesh.Bpf.Monitoring";
        FolderGraph graph = Graph(Monitoring);
        var upsideDown = new House.Project(Monitoring, [], [.. s_house[Monitoring].Rooms.Reverse<string>()]);

        Assert.Contains(upsideDown.Faults(graph), static fault => fault.Contains("CpuMonitor → ", StringComparison.Ordinal));
    }

    // What a package of templates or of targets carries is not compiled with it.
    private static IEnumerable<string> SourcesOf(string project)
        => Directory.EnumerateFiles(Path.GetDirectoryName(project)!, "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains("/templates/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal));

    private static FolderGraph Graph(string project) => FolderGraph.Read(AssemblyOf(project), project);

    // All projects are built into one folder; the tool's assembly has the name of its command.
    private static string AssemblyOf(string project)
    {
        string built = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../..", s_house[project].Name, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'))));
        return Directory.GetFiles(built, "*.dll").Single(path => Path.GetFileNameWithoutExtension(path) is { } name && (name == s_house[project].Name || name == "hmbpf"));
    }
}
