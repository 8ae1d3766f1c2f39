using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Guides;

/// <summary>
/// Every block of code in the guides, the READMEs of the repository and of the library: the C is a file of a project, each C# block is a program of its own beside its skeleton,
/// with no more names in scope than a new project has. It compiles without a warning, and runs against this kernel to its end.
/// </summary>
public sealed partial class GuideTests(PackedFeed feed)
{
    // What the guides assume that the machine has: devices, a control group, a file with kernel types. All of it is in namespaces that end with the block.
    private const string Machine = """
        mount --make-rprivate /
        mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/my-app && cp /sys/kernel/btf/vmlinux /var/lib/my-app/kernel.btf
        mount -t bpf bpf /sys/fs/bpf
        mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
        mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p /sys/fs/cgroup/my.slice
        ip link set lo up
        ip link add veth0 type veth peer name veth1
        ip link set veth0 up
        ip link set veth1 up
        """;

    private static readonly string s_sdk = Path.Combine(PackedFeed.Repository, "msbuild", "Hypermesh.BpfSdk");
    private static readonly string s_guides = Path.Combine(s_sdk, "docs", "guides");

    private static IEnumerable<string> Pages => Directory.GetFiles(s_guides, "*.md").Order(StringComparer.Ordinal)
        .Append(Path.Combine(PackedFeed.Repository, "README.md"))
        .Append(Path.Combine(PackedFeed.Repository, "src", "Hypermesh.Bpf", "README.md"));

    [Fact]
    public void All_code_of_the_guides_compiles_without_a_warning_and_runs_to_its_end()
    {
        using UserProject project = UserProject.Console(
            feed, "Guides", "<BpfVmlinux>pruned</BpfVmlinux>", $"""<PackageReference Include="Hypermesh.Bpf.Testing" Version="{PackedFeed.Version}" /><PackageReference Include="Hypermesh.Bpf.Monitoring" Version="{PackedFeed.Version}" /><PackageReference Include="Hypermesh.Bpf.Compilation" Version="{PackedFeed.Version}" />""");
        List<Block> blocks = WriteBlocks(project);

        // A link that is dropped and an object that is never attached are what some blocks show.
        project.Build("-warnaserror", "-p:NoWarn=HMBPF3002%3BHMBPF3004%3BHMBPF3009").Succeeded();
        Assert.All(Pages, page => Assert.Contains(blocks, block => block.Page == Path.GetFileName(page) || !Fence("csharp").IsMatch(File.ReadAllText(page))));
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "the blocks compile; running them needs root");

        // Some guides read an object from a file, which is the one that the build made.
        foreach (string name in new[] { "forks.bpf.o", "updating.bpf.o" })
        {
            File.Copy(project.Output(name), project.PathOf(name));
        }

        project.Write("machine.sh", Machine);
        var failures = new StringBuilder();
        foreach (Block block in blocks)
        {
            BuildResult run = project.Shell(project.Folder, $"timeout 60 unshare -m -n bash -ec '. ./machine.sh; exec dotnet bin/Debug/net10.0/App.dll {block.Number}'");
            if (run.ExitCode != 0)
            {
                failures.Append(CultureInfo.InvariantCulture, $"{block.Page}, block {block.Index}, ended with {run.ExitCode}:\n{run.Output}\n{block.Text}\n");
            }
        }

        BuildResult removed = project.Shell(project.Folder, "unshare -m bash -c 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && rmdir /sys/fs/cgroup/my.slice'");
        Assert.True(failures.Length == 0, failures.ToString());
        removed.Succeeded();
    }

    [Fact]
    public void Links_of_the_guides_and_of_the_READMEs_lead_somewhere()
    {
        foreach (string file in Pages.Append(Path.Combine(s_sdk, "README.md")))
        {
            foreach (Match link in Link().Matches(File.ReadAllText(file)))
            {
                string path = Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value);
                Assert.True(Path.Exists(path), $"{file}: {link.Value}");
                if (link.Groups[2].Value is { Length: > 0 } anchor)
                {
                    Assert.Contains(anchor, Heading().Matches(File.ReadAllText(path)).Select(static heading => Anchor(heading.Groups[1].Value)));
                }
            }
        }
    }

    [Fact]
    public void Every_guide_is_linked_from_the_READMEs()
    {
        foreach (string readme in new[] { Path.Combine(PackedFeed.Repository, "README.md"), Path.Combine(s_sdk, "README.md") })
        {
            string text = File.ReadAllText(readme);
            Assert.All(Directory.GetFiles(s_guides, "*.md"), guide => Assert.Contains($"docs/guides/{Path.GetFileName(guide)})", text, StringComparison.Ordinal));
        }
    }

    // A C block is named by its first line, "// reading.bpf.c", or by the sentence "The C of this guide is `maps.bpf.c`" before it.
    private static List<Block> WriteBlocks(UserProject project)
    {
        List<Block> blocks = [];
        foreach (string page in Pages)
        {
            string text = File.ReadAllText(page);
            foreach (Match c in Fence("c").Matches(text))
            {
                Match name = NamedFile().Match(c.Groups[1].Value);
                name = name.Success ? name : NamedBefore().Match(text);
                Assert.True(name.Success, $"{page}: a block of C has no name");
                project.Write(name.Groups[1].Value, c.Groups[1].Value);
            }

            int index = 0;
            foreach (Match match in Fence("csharp").Matches(text))
            {
                blocks.Add(new Block(blocks.Count, Path.GetFileName(page), ++index, match.Groups[1].Value));
            }
        }

        var main = new StringBuilder("switch (args[0])\n{\n");
        foreach (Block block in blocks)
        {
            bool waits = block.Text.Contains("await ", StringComparison.Ordinal);
            main.Append(CultureInfo.InvariantCulture, $"    case \"{block.Number}\": {(waits ? "await " : "")}Block{block.Number}.Run(); break;\n");
            project.Write($"Block{block.Number}.cs", $$"""
                {{string.Concat(Using().Matches(block.Text).Select(static line => line.Value))}}
                internal static class Block{{block.Number}}
                {
                    internal static {{(waits ? "async Task" : "void")}} Run()
                    {
                        {{Using().Replace(block.Text, "")}}
                    }
                }

                """);
        }

        project.Write("Main.cs", main.Append("}\n").ToString());
        return blocks;
    }

    private static string Anchor(string heading) => NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    private static Regex Fence(string language) => new($@"^```{language}\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline);

    [GeneratedRegex(@"\A// (\w+\.bpf\.c)$", RegexOptions.Multiline)]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"The C of this guide is `(\w+\.bpf\.c)`")]
    private static partial Regex NamedBefore();

    [GeneratedRegex(@"^using [\w.]+;\n", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"\]\(((?!http)[^)#]+)(?:#([^)]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    private sealed record Block(int Number, string Page, int Index, string Text);
}
