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

    // A heading begins with the message, or its part that never changes, as code.
    [GeneratedRegex("^### `([^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Heading();

    // In a block of the shell, or as code within a sentence.
    [GeneratedRegex(@"(?:^|`)(hmbpf (?:(?:prog|map|link|btf|gen) )?[a-z]+)\b([^`\n]*)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
