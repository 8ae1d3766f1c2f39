using System.Text.RegularExpressions;
using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.Bpf.Tests.Build.Support;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Build.Templates;

/// <summary>What <c>dotnet new</c> makes builds without a warning whatever its name, its own tests pass on this kernel, and its README's commands work.</summary>
public sealed partial class TemplateTests(PackedFeed feed)
{
    private static readonly string s_templates = Path.Combine(PackedFeed.Repository, "msbuild", "Hypermesh.BpfSdk.Templates", "templates");

    // Each has something that a namespace, a project reference or XML cannot hold unchanged, or that is a type in the template's own code. Every run takes the first ones.
    private static readonly string[] s_names = ["My.class.2nd-try", "R&D (new)", "Überwachung", "1monitor", "class", "監視", "100% 'mine'", "My.Console"];

    // The class that the template's C becomes, which a namespace of that name would hide.
    private static readonly Dictionary<string, string> s_classes = new() { ["bpf-monitor"] = "Exec", ["bpf-xdp"] = "Packets", ["bpf-lib"] = "Switches" };

    public static TheoryData<string> Templates => new(Directory.GetDirectories(s_templates).Select(static folder => Path.GetFileName(folder)));

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_template_of_any_name_builds_and_passes_its_own_tests(string template)
    {
        using UserProject project = Install();
        string[] names = [.. s_names.Take(Rounds.IsFull ? s_names.Length : 2), s_classes[template]];
        foreach (string name in names)
        {
            project.Run("new", template, "--output", name).Succeeded();
        }

        // Each has a solution of its own; one process builds them all.
        project.Write("all.proj", """
            <Project>
              <ItemGroup><Solution Include="*/*.slnx" /></ItemGroup>
              <Target Name="Restore"><MSBuild Projects="@(Solution)" Targets="Restore" BuildInParallel="true" /></Target>
              <Target Name="Build"><MSBuild Projects="@(Solution)" BuildInParallel="true" /></Target>
            </Project>
            """);
        project.Run("msbuild", "all.proj", "-t:Restore", "-m", "-nodeReuse:false", "-v:q").Succeeded();
        Assert.DoesNotContain(": warning ", project.Run("msbuild", "all.proj", "-t:Build", "-m", "-nodeReuse:false", "-v:q").Succeeded().Output, StringComparison.Ordinal);

        foreach (string name in names)
        {
            string tests = Assert.Single(Directory.GetFiles(project.PathOf($"{name}/tests/bin/Debug/net10.0"), "*.Tests.dll"));
            string output = project.Run(tests).Succeeded().Output;
            Assert.Matches(@"Total: [1-9]\d*, Errors: 0, Failed: 0, ", output);
            Assert.Matches(Environment.IsPrivilegedProcess ? "Skipped: 0" : "needs CAP_BPF", output);
        }
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void The_commands_of_a_README_work_and_root_leaves_nothing_behind(string template)
    {
        using UserProject project = Install();
        project.Run("new", template, "--output", "My thing").Succeeded();
        string root = project.PathOf("My thing");
        string[] commands = [.. ShellBlock().Match(File.ReadAllText(Path.Combine(root, "README.md"))).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Contains("dotnet build", commands);
        foreach (string command in commands.Where(static command => command.StartsWith("dotnet ", StringComparison.Ordinal)))
        {
            string output = project.Shell(root, command).Succeeded().Output;
            Assert.DoesNotContain(": warning ", output, StringComparison.Ordinal);
            if (command.StartsWith("dotnet test", StringComparison.Ordinal))
            {
                Assert.Matches(@"total: [1-9]", output);
                Assert.Matches(Environment.IsPrivilegedProcess ? @"skipped: 0\b" : @"skipped: [1-9]", output);
            }
        }

        // The commands for root run what was built, and write nothing.
        string[] before = State(root);
        foreach (string command in commands.Where(static command => command.StartsWith("sudo ", StringComparison.Ordinal)))
        {
            string program = BuiltProgram().Match(command).Groups[1].Value;
            Assert.True(File.Exists(Path.Combine(root, program)), command);
            if (program.StartsWith("tests/", StringComparison.Ordinal))
            {
                project.Shell(root, command["sudo ".Length..]).Succeeded();
            }
        }

        Assert.Equal(before, State(root));
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Without_capabilities_dotnet_test_passes_and_says_what_was_skipped(string template)
    {
        using UserProject project = Install();
        project.Run("new", template, "--output", "Unprivileged").Succeeded();

        BuildResult tests = project.Shell(project.PathOf("Unprivileged"), "exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all dotnet test");

        Assert.Contains("needs CAP_BPF", tests.Succeeded().Output, StringComparison.Ordinal);
        Assert.Matches("total: [1-9]", tests.Output);
    }

    // A dotnet test that does not see the template's global.json must not pass over its tests.
    [Fact]
    public void Tests_run_or_are_rejected_from_another_folder_too()
    {
        using UserProject project = Install();
        project.Run("new", "bpf-lib", "--output", "Elsewhere").Succeeded();

        BuildResult tests = project.Run("test", "Elsewhere/tests");

        Assert.True(tests.ExitCode != 0 || TotalOfTests().IsMatch(tests.Output), tests.Output);
    }

    [Fact]
    public void A_monitor_runs_and_ends_by_itself()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        using UserProject project = Install();
        project.Run("new", "bpf-monitor", "--output", "Execs").Succeeded();

        string output = project.Run("run", "--project", "Execs/src", "--", "--seconds", "1").Succeeded().Output;

        Assert.Contains("Watching, Ctrl-C ends.", output, StringComparison.Ordinal);
        Assert.Contains("0 events found no room.", output, StringComparison.Ordinal);
    }

    // A namespace named as a type hides it from the code beneath; the template appends App to such names.
    [Theory]
    [MemberData(nameof(Templates))]
    public void Every_type_that_the_code_names_is_kept_out_of_the_namespace(string template)
    {
        string kept = File.ReadAllText(Path.Combine(s_templates, template, ".template.config", "template.json"));
        foreach (string file in Directory.GetFiles(Path.Combine(s_templates, template), "*.cs", SearchOption.AllDirectories))
        {
            string code = Unread().Replace(File.ReadAllText(file), "");
            foreach (Match name in TypeName().Matches(code))
            {
                Assert.True(Regex.IsMatch(kept, $@"[(|]{name.Value}[|)]"), $"{name.Value} in {file} is missing in the form noTypeName of template.json");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void The_packages_a_README_names_exist_on_this_system(string template)
    {
        Dictionary<string, string> system = File.ReadLines("/etc/os-release").Select(static line => line.Split('=', 2)).Where(static pair => pair.Length == 2)
            .ToDictionary(static pair => pair[0], static pair => pair[1].Trim('"'));
        Assert.SkipUnless(system["ID"] == "debian" && File.Exists("/usr/bin/apt-cache"), "the packages of Debian alone can be asked for here");
        string name = $"Debian {system["VERSION_ID"]}";
        string row = Assert.Single(File.ReadLines(Path.Combine(s_templates, template, "README.md")), line => line.StartsWith('|') && line.Contains(name, StringComparison.Ordinal));
        string[] packages = Packages().Match(row).Groups[1].Value.Split(' ');

        using UserProject project = new(feed);
        foreach (string package in packages)
        {
            Match version = Version().Match(project.Shell(project.Folder, $"apt-cache show --no-all-versions {package}").Succeeded().Output);
            Assert.True(version.Success && (!package.StartsWith("clang", StringComparison.Ordinal) || int.Parse(version.Groups[1].Value) >= ClangInstallation.MinimumMajor), $"{package}: {version.Value}");
        }
    }

    [Fact]
    public void The_README_of_the_repository_installs_them_in_a_folder_without_a_nuget_config()
    {
        string command = Assert.Single(File.ReadLines(Path.Combine(PackedFeed.Repository, "README.md")), static line => line.StartsWith("dotnet new install ", StringComparison.Ordinal));
        using UserProject project = new(feed, "Home");
        project.Environment["HOME"] = project.Environment["DOTNET_CLI_HOME"] = project.Folder;
        using var elsewhere = new TemporaryFolder();

        string output = project.Shell(elsewhere.Path, command.Replace("/where/you/cloned/artifacts/package", feed.Feed, StringComparison.Ordinal)).Succeeded().Output;

        Assert.Contains("bpf-monitor", output, StringComparison.Ordinal);
    }

    private static string[] State(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(static entry => $"{entry.FullName} {entry.LastWriteTimeUtc.Ticks}").Order(StringComparer.Ordinal)];

    // Installed for a home of its own, not for whoever runs the tests.
    private UserProject Install()
    {
        UserProject project = new(feed, "Home");
        project.Environment["HOME"] = project.Environment["DOTNET_CLI_HOME"] = project.Folder;
        project.Run("new", "install", Path.Combine(feed.Feed, $"Hypermesh.BpfSdk.Templates.{PackedFeed.Version}.nupkg")).Succeeded();
        return project;
    }

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("\"((?:src|tests)/bin/[^\"]+)\"")]
    private static partial Regex BuiltProgram();

    [GeneratedRegex("(?:Total tests|total): [1-9]", RegexOptions.IgnoreCase)]
    private static partial Regex TotalOfTests();

    // Comments, the text of strings up to what they insert, and the namespaces that are named to be used or declared.
    [GeneratedRegex(@"//.*|^(?:using|namespace) [\w.]+;|\$?""[^""{]*[""{]|(?<=\})[^""{\n]*[""{]", RegexOptions.Multiline)]
    private static partial Regex Unread();

    // Not a member, not a name with underscores, as the tests' methods have.
    [GeneratedRegex(@"(?<![.\w])[A-Z][A-Za-z0-9]*\b(?!_)")]
    private static partial Regex TypeName();

    [GeneratedRegex("`apt install ([^`]+)`")]
    private static partial Regex Packages();

    [GeneratedRegex(@"^Version: (?:\d+:)?(\d+)", RegexOptions.Multiline)]
    private static partial Regex Version();
}
