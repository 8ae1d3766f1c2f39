using System.Diagnostics;
using System.Reflection;

namespace Hypermesh.Bpf.Tests.Unit.Harness;

/// <summary>The comparison of a run with the tests there were before all of them were moved.</summary>
public sealed class RenameListTests : IDisposable
{
    private const string List = "# Names of then and of now.\n# unit 2 4\n# kernel 1 1\nunit\tUnit.Old.First\tUnit.New.First\t1\nunit\tUnit.Old.Second\tUnit.New.Second\t3\nkernel\tKernel.Old.Other\tKernel.New.Other\t1\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("hypermesh-renames-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("First Pass|Second Pass|Second Pass|Second Fail|Third Pass", "passed names of tests/unit: 2 methods of fe138c6, 0 wrong")]
    // A theory that is skipped as a whole has one case.
    [InlineData("First Skip|Second Skip", "passed names")]
    [InlineData("Second Pass|Second Pass|Second Pass", "failed names", "Unit.Old.First is now Unit.New.First, and the report has no such test")]
    [InlineData("First Pass|Second Pass|Second Pass", "failed names", "Unit.New.Second has 2 of the 3 cases that Unit.Old.Second had")]
    public void A_test_that_is_missing_or_has_fewer_cases_fails(string run, params string[] expected)
        => Assert.All(expected, words => Assert.Contains(words, Compare(run), StringComparison.Ordinal));

    [Theory]
    [InlineData("unit\tUnit.Old.Second\tUnit.New.Second\t3\n", "", "there are 1 lines with 1 cases, and there were 2 methods with 4 cases")]
    [InlineData("Unit.New.Second\t3", "Unit.New.Second\t2", "there are 2 lines with 3 cases, and there were 2 methods with 4 cases")]
    [InlineData("# unit 2 4\n", "", "there are 2 lines with 4 cases, and there were 0 methods with 0 cases")]
    public void A_line_that_was_lost_or_changed_fails(string text, string replacement, string expected)
    {
        string output = Compare("First Pass|Second Pass|Second Pass|Second Pass", List.Replace(text, replacement, StringComparison.Ordinal));

        Assert.Contains("failed names", output, StringComparison.Ordinal);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_was_cut_off_is_compared_with_nothing() => Assert.Equal("names of tests/unit: compared with nothing, because the run left no report\n", Compare(run: null));

    private string Compare(string? run, string list = List)
    {
        string tests = typeof(RenameListTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!;
        string file = Path.Combine(_folder, "renames.tsv");
        File.WriteAllText(file, list);
        if (run is not null)
        {
            IEnumerable<string> all = run.Split('|').Select(static line => line.Split(' '))
                .Select(static one => $"<test id=\"1\" name=\"{one[0]}(text: &quot;a &gt; b&quot;)\" result=\"{one[1]}\" time=\"0\" type=\"Hypermesh.Bpf.Tests.Unit.New\" method=\"{one[0]}\">");
            File.WriteAllText(Path.Combine(_folder, "unit.xml"), $"<assemblies><assembly name=\"x\">{string.Concat(all)}</assembly></assemblies>");
        }

        var start = new ProcessStartInfo("bash", [Path.Combine(tests, "../harness/renames.sh"), _folder, "unit", file]) { RedirectStandardOutput = true };
        using Process bash = Process.Start(start)!;
        string output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.True(bash.ExitCode == 0, output);
        return output;
    }
}
