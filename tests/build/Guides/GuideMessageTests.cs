using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Guides;

/// <summary>The guides quote what the product says: messages, codes and commands of the tool.</summary>
public sealed partial class GuideMessageTests
{
    private static readonly string s_guides = Path.Combine(PackedFeed.Repository, "msbuild", "Hypermesh.BpfSdk", "docs", "guides");

    [Fact]
    public void Each_message_of_the_troubleshooting_page_is_one_of_the_product()
    {
        string sources = string.Join('\n', new[] { "src", "msbuild", "generators" }
            .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(PackedFeed.Repository, folder), "*.*", SearchOption.AllDirectories))
            .Where(static file => Path.GetExtension(file) is ".cs" or ".targets")
            .Select(File.ReadAllText));
        string[] messages = [.. Heading().Matches(File.ReadAllText(Path.Combine(s_guides, "troubleshooting.md"))).Select(static heading => heading.Groups[1].Value)];

        Assert.True(messages.Length >= 20, $"{messages.Length} messages");
        Assert.Equal(messages.Length, messages.Distinct().Count());
        Assert.All(messages, message => Assert.True(sources.Contains(message, StringComparison.Ordinal), $"no source says \"{message}\""));
    }

    [Fact]
    public void Each_macro_of_our_headers_is_in_the_guide_about_headers()
    {
        string guide = File.ReadAllText(Path.Combine(s_guides, "headers.md"));
        Assert.All(Directory.GetFiles(Path.Combine(PackedFeed.Repository, "msbuild/Hypermesh.BpfSdk/include/hypermesh")), header =>
        {
            string row = guide.Split('\n').Single(line => line.StartsWith($"| `<hypermesh/{Path.GetFileName(header)}>`", StringComparison.Ordinal));
            Assert.All(Macro().Matches(File.ReadAllText(header)).Select(static macro => macro.Groups[1].Value), macro => Assert.Contains($"`{macro}`", row, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Each_command_of_hmbpf_in_the_guides_is_one_that_it_has()
    {
        string help = File.ReadAllText(Path.Combine(PackedFeed.Repository, "tests", "tool", "Golden", "help.txt"));
        Assert.All(Directory.GetFiles(s_guides, "*.md"), guide =>
        {
            foreach (Match command in Command().Matches(File.ReadAllText(guide)))
            {
                Assert.True(help.Contains($"  {command.Groups[1].Value} ", StringComparison.Ordinal), $"{guide}: {command.Value}");
                Assert.All(command.Groups[2].Value.Split(' ').Where(static word => word.StartsWith("--", StringComparison.Ordinal)), option => Assert.Contains(option, help, StringComparison.Ordinal));
            }
        });
    }

    [Fact]
    public void Each_code_of_the_build_is_in_the_README_and_each_of_the_README_is_one()
    {
        string[] said = [.. new[] { "src", "msbuild" }
            .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(PackedFeed.Repository, folder), "*.*", SearchOption.AllDirectories))
            .Where(static file => Path.GetExtension(file) is ".cs" or ".targets" or ".props")
            .SelectMany(static file => BuildCode().Matches(File.ReadAllText(file)))
            .Select(static code => code.Value).Distinct().Order(StringComparer.Ordinal)];
        string readme = File.ReadAllText(Path.Combine(PackedFeed.Repository, "msbuild", "Hypermesh.BpfSdk", "README.md"));

        Assert.Equal(said, BuildCodeRow().Matches(readme).Select(static row => row.Groups[1].Value));
    }

    [Fact]
    public void Each_test_that_checks_a_promise_is_there()
    {
        string[] named = [.. TestName().Matches(File.ReadAllText(Path.Combine(s_guides, "compatibility.md"))).Select(static name => name.Groups[1].Value)];
        HashSet<string?> present = [.. Directory.EnumerateFiles(Path.Combine(PackedFeed.Repository, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension)];

        Assert.True(named.Length >= 10, $"{named.Length} tests");
        Assert.All(named, name => Assert.Contains(name, present));
    }

    // For users: not what a macro is made of.
    [GeneratedRegex(@"^#define ((?:HM|hm)_\w+)(?<!_NUMBERED|_NAMED|_TAG|_load)\b", RegexOptions.Multiline)]
    private static partial Regex Macro();

    [GeneratedRegex(@"HMBPF[01]\d{3}")]
    private static partial Regex BuildCode();

    [GeneratedRegex(@"^\| (HMBPF[01]\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex BuildCodeRow();

    [GeneratedRegex(@"`(\w+Tests)`")]
    private static partial Regex TestName();

    // A heading begins with the message, or its part that never changes, as code.
    [GeneratedRegex("^### `([^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Heading();

    // In a block of the shell, or as code within a sentence.
    [GeneratedRegex(@"(?:^|`)(hmbpf (?:(?:prog|map|link|btf|gen) )?[a-z]+)\b([^`\n]*)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
