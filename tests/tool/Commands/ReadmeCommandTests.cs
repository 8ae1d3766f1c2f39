using System.Text.Json;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Tool.Support;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>The README's table "you run today, type this": each command shows figures of the kernel.</summary>
public sealed partial class ReadmeCommandTests
{
    private static readonly string s_readme = File.ReadAllText(Path.Combine(Hmbpf.SourceDirectory, "../../README.md"));

    public static TheoryData<string, string> Rows => new(Row().Matches(s_readme).Select(static row => (row.Groups[1].Value, row.Groups[2].Value)));

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_command_for_a_tool_of_today_reads_the_kernel(string tool, string monitor)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "loading programs requires root");
        string[] monitors = monitor.Length > 0 ? [monitor] : [];
        Hmbpf.Outcome outcome = Hmbpf.Run(["top", "--once", "--json", .. monitors]);

        Assert.True(outcome.ExitCode == 0, $"{tool}: {outcome.Error}");
        JsonElement[] all = [.. outcome.Json.GetProperty("monitors").EnumerateArray()];
        Assert.Equal(monitor.Length > 0 ? 1 : 8, all.Length);
        Assert.All(all, static one => Assert.True(one.GetProperty("condition").GetString() != "refused" || one.GetProperty("name").GetString() == "gpu", one.GetProperty("reason").GetString()));
        Assert.All(all, static one => Assert.True(one.GetProperty("name").GetString() == "gpu" || one.GetProperty("figures").EnumerateObject().Any()));
    }

    [Fact]
    public void The_table_names_six_tools() => Assert.Equal(6, Rows.Count);

    [GeneratedRegex(@"^\| `(\w+)` \| `sudo \./hmbpf top ?(\w*)`", RegexOptions.Multiline)]
    private static partial Regex Row();
}
