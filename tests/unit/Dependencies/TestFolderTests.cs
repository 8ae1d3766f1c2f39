using System.Reflection;

namespace Hypermesh.Bpf.Tests.Unit.Dependencies;

/// <summary>A test lies where the code it tests lies: each folder of tests is a folder of the project it mirrors, or an idea that spans several.</summary>
public sealed class TestFolderTests
{
    private static readonly string s_repository = Path.GetFullPath(Path.Combine(
        typeof(TestFolderTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!, "../.."));

    // What a folder of tests mirrors. The longest that fits counts; an idea mirrors nothing.
    private static readonly Dictionary<string, string[]> s_mirrors = new()
    {
        ["unit"] = ["src/Hypermesh.Bpf"],
        ["unit/Objects"] = ["src/Hypermesh.Bpf.Objects"],
        ["unit/Monitoring"] = ["src/Hypermesh.Bpf.Monitoring"],
        ["unit/Compilation"] = ["src/Hypermesh.Bpf.Compilation"],
        ["unit/Hosting"] = ["src/Hypermesh.Bpf.Hosting"],
        ["unit/Dependencies"] = [],
        ["unit/Failures"] = [],
        ["unit/Harness"] = [],
        ["unit/Hostile"] = [],
        ["unit/PublicApi"] = [],
        ["unit/Prose"] = [],
        ["kernel"] = ["src/Hypermesh.Bpf"],
        ["kernel/Objects"] = ["src/Hypermesh.Bpf.Objects"],
        ["kernel/Compilation"] = ["src/Hypermesh.Bpf.Compilation"],
        ["kernel/Monitoring"] = ["src/Hypermesh.Bpf.Monitoring"],
        ["kernel/Testing"] = ["src/Hypermesh.Bpf.Testing"],
        ["kernel/Checks"] = ["generators/Hypermesh.BpfSdk.Skeletons/Checks"],
        ["kernel/Harness"] = [],
        ["kernel/Samples"] = [],
        ["generator"] = ["generators/Hypermesh.BpfSdk.Generators", "generators/Hypermesh.BpfSdk.Skeletons"],
        ["generator/Selftests"] = [],
        ["build/Tasks"] = ["msbuild/Hypermesh.BpfSdk.Tasks"],
        ["build/Comments"] = ["msbuild/Hypermesh.BpfSdk.Comments"],
        ["build/Clang"] = ["src/Hypermesh.Bpf.Clang"],
        ["build/Analyzers"] = [],
        ["build/Guides"] = [],
        ["build/Mistakes"] = [],
        ["build/Packages"] = [],
        ["build/Scripts"] = [],
        ["build/Templates"] = [],
        ["tool/Compilation"] = ["src/Hypermesh.Bpf.Compilation"],
        ["tool"] = ["src/Hypermesh.Bpf.Tool"],
    };

    public static TheoryData<string> Parts => ["unit", "kernel", "generator", "build", "tool"];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Folders_of_tests_are_those_of_the_code(string part)
    {
        string tests = Path.Combine(s_repository, "tests");
        string[] folders = [.. Directory.EnumerateFiles(Path.Combine(tests, part), "*Tests.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(tests, Path.GetDirectoryName(path)!)).Distinct().Where(static folder => !folder.Contains("/obj", StringComparison.Ordinal))];

        Assert.NotEmpty(folders);
        Assert.Equal("", string.Join('\n', folders.Where(static folder => !IsMirror(folder)).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("unit/Hooks/Xdp", true)]
    [InlineData("unit/Objects", true)]
    [InlineData("unit/Harness", true)]
    [InlineData("unit", false)]
    [InlineData("unit/Kernel", false)]
    [InlineData("unit/Hooks/Xdp2", false)]
    [InlineData("unit/Objects/Maps", false)]
    [InlineData("build", false)]
    [InlineData("build/Other", false)]
    public void A_folder_without_code_is_a_fault(string folder, bool isMirror) => Assert.Equal(isMirror, IsMirror(folder));

    private static bool IsMirror(string folder)
    {
        string? root = s_mirrors.Keys.Where(one => folder == one || folder.StartsWith(one + "/", StringComparison.Ordinal)).MaxBy(static one => one.Length);
        return root is not null && (s_mirrors[root].Length == 0 || s_mirrors[root].Any(project => HasCode(Path.Combine(s_repository, project, folder[root.Length..].TrimStart('/')), root == folder)));
    }

    // A folder may have only folders with code in it; a project's own is a room where it has code itself.
    private static bool HasCode(string folder, bool isProject)
        => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.cs", isProject ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories).Any();
}
