using System.Diagnostics;
using System.Reflection;

namespace Hypermesh.Bpf.Tests.Unit.Harness;

/// <summary>The comparison of a run's skips with the checked-in list of its kernel.</summary>
public sealed class SkipListTests : IDisposable
{
    private const string List = "# uname -r: 9.9.*amd64*\nA.listed\tthis kernel has it not\nA.refused\tpolicy: refused\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("hypermesh-skips-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("skipped A.listed this kernel has it not|skipped A.refused policy: refused|passed A.other ", "passed skips on 9.9.1-amd64, as list.tsv has them: 2 listed, 0 wrong")]
    [InlineData("skipped A.listed this kernel has it not|skipped A.other no reason at all", "failed skips", "A.other was skipped, and is not in the list: no reason at all")]
    [InlineData("skipped A.listed another reason", "failed skips", "A.listed was skipped for another reason: another reason; the list has: this kernel has it not")]
    [InlineData("passed A.listed ", "failed skips", "A.listed ran, and the list has: this kernel has it not")]
    [InlineData("failed A.listed ", "failed skips", "A.listed ran, and the list has: this kernel has it not")]
    // Only some tests were run.
    [InlineData("passed A.other ", "passed skips")]
    // What a policy refuses, and a canary showed, differs from machine to machine.
    [InlineData("passed A.refused |skipped A.new policy: refused", "passed skips", "policy differs: A.refused ran", "policy differs: A.new was skipped")]
    // A reason of the list may not become a policy's without a word, and a policy may not hide that something is lacking.
    [InlineData("skipped A.refused this kernel has it not", "failed skips", "A.refused was skipped for another reason")]
    public void A_difference_from_the_list_fails(string run, params string[] expected)
        => Assert.All(expected, words => Assert.Contains(words, Compare("9.9.1-amd64", run), StringComparison.Ordinal));

    [Fact]
    public void A_listed_test_that_does_not_exist_fails_a_whole_run()
    {
        const string Run = "skipped A.listed this kernel has it not";
        Assert.Contains("passed skips", Compare("9.9.1-amd64", Run, whole: true), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "guest-9.xml"), "<assembly>");
        Assert.Contains("A.refused is in the list, and there is no such test", Compare("9.9.1-amd64", Run, whole: true), StringComparison.Ordinal);
        Assert.Contains("passed skips", Compare("9.9.1-amd64", Run), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_a_list_is_reported()
    {
        string output = Compare("9.10.1-amd64", "skipped A.other no reason at all");

        Assert.Contains("skips on 9.10.1-amd64: 1, compared with nothing", output, StringComparison.Ordinal);
        Assert.DoesNotContain("failed", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9.10.117+deb13-amd64", "9.10-amd64.tsv", "# uname -r: 9.10.*amd64*")]
    [InlineData("9.11.44-fc-v669", "9.11-fc.tsv", "# uname -r: 9.11.*fc*")]
    [InlineData("9.12.1", "9.12.tsv", "# uname -r: 9.12.*")]
    public void A_list_is_accepted_under_the_name_of_its_kernel(string release, string file, string pattern)
    {
        Compare(release, "skipped A.other a reason", accept: true);

        Assert.Equal($"{pattern}\nA.other\ta reason\n", File.ReadAllText(Path.Combine(_folder, file)));
        Assert.Contains("passed skips", Compare(release, "skipped A.other a reason"), StringComparison.Ordinal);
    }

    private string Compare(string release, string run, bool accept = false, bool whole = false)
    {
        string tests = typeof(SkipListTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!;
        File.Copy(Path.Combine(tests, "../kernel/Skips/compare.sh"), Path.Combine(_folder, "compare.sh"), overwrite: true);
        File.WriteAllText(Path.Combine(_folder, "list.tsv"), List);
        File.WriteAllText(Path.Combine(_folder, "guest-9.release"), release + "\n");
        File.WriteAllLines(Path.Combine(_folder, "guest-9.tests"), run.Split('|').Select(static line => line.Split(' ', 3)).Select(static line => $"{line[0]}\tHypermesh.Bpf.Tests.Kernel.{line[1]}\t{line[2]}"));
        var start = new ProcessStartInfo("bash", [Path.Combine(_folder, "compare.sh"), _folder, "guests", whole ? "whole" : ""]) { RedirectStandardOutput = true };
        start.Environment["HYPERMESH_ACCEPT"] = accept ? "1" : "";
        using Process bash = Process.Start(start)!;
        string output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.True(bash.ExitCode == 0, output);
        return output;
    }
}
