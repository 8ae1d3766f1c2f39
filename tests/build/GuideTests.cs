using System.Text;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Harness;

namespace Hypermesh.Bpf.Tests.Build;

/// <summary>Every block of code in the guides compiles as it stands: the C of a guide is a file of the project, and each C# block is a method beside its skeleton.</summary>
public sealed partial class GuideTests(PackedFeed feed)
{
    private static readonly string s_guides = Path.Combine(PackedFeed.Repository, "msbuild", "Hypermesh.BpfSdk", "docs", "guides");

    [Fact]
    public void All_code_of_the_guides_compiles_without_a_warning()
    {
        using UserProject project = UserProject.Console(feed, "Guides", items: $"""<PackageReference Include="Hypermesh.Bpf.Testing" Version="{PackedFeed.Version}" />""");
        var code = new StringBuilder("using Hypermesh.Bpf;\nusing Hypermesh.Bpf.Testing;\nusing App;\n");
        int blocks = 0;
        string[] guides = Directory.GetFiles(s_guides, "*.md");
        foreach (string guide in guides)
        {
            string text = System.IO.File.ReadAllText(guide);
            project.Write(File().Match(text).Groups[1].Value, Assert.Single(Blocks(text, "c")));
            foreach (string block in Blocks(text, "csharp"))
            {
                bool waits = block.Contains("await ", StringComparison.Ordinal);
                code.Append($"internal static class Block{blocks++} {{ internal static {(waits ? "async Task" : "void")} Run(CancellationToken stop) {{\n{block}\n}} }}\n");
            }
        }

        project.Write("Guides.cs", code.ToString());

        // A link that is dropped and an object that is never attached are what some blocks show.
        project.Build("-warnaserror", "-p:NoWarn=HMBPF3002%3BHMBPF3004%3BHMBPF3009").Succeeded();
        Assert.True(guides.Length >= 6 && blocks >= 18, $"{blocks} blocks in {guides.Length} guides");
    }

    [Fact]
    public void Links_of_the_guides_and_of_the_README_lead_somewhere()
    {
        string readme = Path.Combine(PackedFeed.Repository, "msbuild", "Hypermesh.BpfSdk", "README.md");
        foreach (string file in Directory.GetFiles(s_guides, "*.md").Append(readme))
        {
            foreach (Match link in Link().Matches(System.IO.File.ReadAllText(file)))
            {
                Assert.True(System.IO.File.Exists(Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value)), $"{file}: {link.Value}");
            }
        }
    }

    private static IEnumerable<string> Blocks(string text, string language)
        => Regex.Matches(text, $@"^```{language}\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline).Select(match => match.Groups[1].Value);

    [GeneratedRegex("The C of this guide is `([a-z.]+)`")]
    private static partial Regex File();

    [GeneratedRegex(@"\]\(((?!http)[^)#]+)")]
    private static partial Regex Link();
}
