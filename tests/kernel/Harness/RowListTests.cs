using System.Reflection;

namespace Hypermesh.Bpf.Tests.Kernel.Harness;

/// <summary>The list of the loader's rows and the tests that prove them: what one has, the other knows.</summary>
public sealed class RowListTests
{
    private static readonly string[] s_tables = ["sections", "links", "maps", "externs", "lifecycle", "runtime"];

    private static readonly IReadOnlyList<(string Row, string Note)> s_listed =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "rows.tsv"))
            .Where(static line => !line.StartsWith('#'))
            .Select(static line => line.Split('\t'))
            .Select(static fields => ($"{fields[0]}: {fields[1]}", fields.Length > 2 ? fields[2] : "")),
    ];

    private static readonly HashSet<string> s_tested =
    [
        .. typeof(RowListTests).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .SelectMany(static method => method.GetCustomAttributes<RowAttribute>())
            .Select(static row => $"{row.Table}: {row.Row}"),
    ];

    [Fact]
    public void Every_row_of_a_test_is_in_the_list()
        => Assert.Empty(s_tested.Except(s_listed.Select(static one => one.Row)));

    [Fact]
    public void Every_row_of_the_list_has_a_test_or_a_note()
        => Assert.Empty(s_listed.Where(static one => one.Note.Length == 0).Select(static one => one.Row).Except(s_tested));

    [Fact]
    public void The_list_has_each_row_once_with_its_table()
    {
        Assert.Equal(s_listed.Count, s_listed.Select(static one => one.Row).Distinct().Count());
        Assert.All(s_listed, static one => Assert.Contains(one.Row.Split(": ")[0], s_tables));
        Assert.True(s_listed.Count > 300, $"{s_listed.Count} rows");
    }

    [Fact]
    public void The_tests_that_notes_name_exist()
    {
        string tests = Path.Combine(
            typeof(RowListTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static metadata => metadata.Key == "Sources").Value!, "..", "tests");
        Assert.SkipUnless(Directory.Exists(tests), "the sources are not here");
        Assert.All(s_listed.Where(static one => one.Note.Length > 0), one => Assert.All(one.Note.Split("; "), part =>
        {
            string[] words = part.Split(": ", 2);
            Assert.Contains(words[0], new[] { "not fired", "no", "tests/unit" });
            if (words[0].StartsWith("tests/", StringComparison.Ordinal))
            {
                Assert.All(words[1].Split(", "), name => Assert.True(Has(Path.Combine(tests, words[0]["tests/".Length..]), name), $"{one.Row}: there is no {name} in {words[0]}"));
            }
        }));
    }

    // A class by its file, a test by its name in it.
    private static bool Has(string folder, string name)
    {
        string[] parts = name.Split('.');
        return Directory.EnumerateFiles(folder, parts[0] + ".cs", SearchOption.AllDirectories)
            .Any(file => parts.Length == 1 || File.ReadAllText(file).Contains($" {parts[1]}(", StringComparison.Ordinal));
    }
}
