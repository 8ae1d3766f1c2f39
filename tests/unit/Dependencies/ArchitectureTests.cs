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

    private static readonly string[] s_folders = [.. s_house.Projects.Select(static project => project.Folder)];

    private static readonly string[] s_names = [.. s_house.Projects.Select(static project => project.Name)];

    public static TheoryData<string> Projects => new(s_folders);

    public static TheoryData<string> SharedSources => new(s_folders.Where(static folder => !HasProject(folder)));

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
    public void A_project_uses_those_of_the_table(string project)
    {
        House.Project row = s_house[project];

        // What one of the projects that compile shared sources references, another one compiles in.
        KeyValuePair<string, SortedSet<string>>[] linked = [.. AssembliesOf(project).SelectMany(assembly => FolderGraph.Read(assembly, project, s_folders).Linked)];
        IEnumerable<string> used = linked.Select(static one => s_house[one.Key].Name).Concat(HasProject(project) ? References(project) : []).Distinct();

        Assert.Equal("", string.Join('\n', linked.Where(one => !row.Uses.Contains(s_house[one.Key].Name)).SelectMany(static one => one.Value)));
        Assert.Equal(row.Uses.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(SharedSources))]
    public void Shared_sources_are_whole_in_each_project_that_uses_them(string folder)
    {
        string[] assemblies = [.. AssembliesOf(folder)];

        Assert.True(assemblies.Length > 1, $"{folder} is shared by {assemblies.Length}");
        Assert.All(assemblies, assembly => Assert.Equal(Graph(folder).OuterTypes, FolderGraph.Read(assembly, folder, s_folders).OuterTypes));
    }

    [Fact]
    public void Every_folder_of_sources_that_is_shipped_has_its_rows()
    {
        IEnumerable<string> shipped = new[] { "src", "generators", "msbuild" }
            .SelectMany(static folder => Directory.GetDirectories(Path.Combine(s_repository, folder)))
            .Where(static path => SourcesOf(path).Any())
            .Select(static path => Path.GetRelativePath(s_repository, path));

        Assert.Equal(shipped.Order(StringComparer.Ordinal), s_folders.Order(StringComparer.Ordinal));
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
    private static IEnumerable<string> SourcesOf(string folder)
        => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains("/templates/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal));

    private static bool HasProject(string folder) => Directory.GetFiles(Path.Combine(s_repository, folder), "*.csproj").Length > 0;

    private static FolderGraph Graph(string folder) => FolderGraph.Read(AssembliesOf(folder).First(), folder, s_folders);

    // Shared sources are in the assembly of each project that names them.
    private static IEnumerable<string> AssembliesOf(string folder)
        => s_house.Projects.Select(static project => project.Folder).Where(other => HasProject(folder) ? other == folder : HasProject(other) && s_house[other].Uses.Contains(s_house[folder].Name)).Select(AssemblyOf);

    private static string[] References(string project)
    {
        using PEReader file = new(File.OpenRead(AssemblyOf(project)));
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(one => metadata.GetString(metadata.GetAssemblyReference(one).Name)).Where(s_names.Contains)];
    }

    // All projects are built into one folder; the tool's assembly has the name of its command.
    private static string AssemblyOf(string project)
    {
        string built = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../..", s_house[project].Name, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'))));
        return Directory.GetFiles(built, "*.dll").Single(path => Path.GetFileNameWithoutExtension(path) is { } name && (name == s_house[project].Name || name == "hmbpf"));
    }
}
