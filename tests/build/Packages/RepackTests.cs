using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Packages;

/// <summary>All our packages keep one version while they are worked on; a change of the task is still seen.</summary>
public sealed class RepackTests(PackedFeed feed)
{
    [Fact]
    public void A_changed_task_in_the_same_version_is_the_one_that_runs()
    {
        using TemporaryFolder folder = new();
        string copy = Path.Combine(folder.Path, "copy");
        string ownFeed = Directory.CreateDirectory(Path.Combine(folder.Path, "feed")).FullName;
        string packages = Path.Combine(folder.Path, "packages");
        foreach (string package in Directory.GetFiles(feed.Feed, "Hypermesh.Bpf*.nupkg"))
        {
            File.Copy(package, Path.Combine(ownFeed, Path.GetFileName(package)));
        }

        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("XDP_PASS", "nope"));
        project.Environment["NUGET_PACKAGES"] = packages;
        project.Write("../nuget.config", $"""<configuration><packageSources><add key="packed" value="{ownFeed}" /></packageSources></configuration>""");
        Assert.DoesNotContain("(of the changed task)", Assert.Single(project.Build().Failed().Diagnostics("HMBPF1001")));

        CopyRepository(copy);
        string task = Path.Combine(copy, "src", "Hypermesh.Bpf.Clang", "Diagnostics", "UnknownName.cs");
        string source = File.ReadAllText(task);
        const string Unchanged = " ? text :";
        Assert.Contains(Unchanged, source);
        File.WriteAllText(task, source.Replace(Unchanged, " ? text + \" (of the changed task)\" :"));
        PackedFeed.Pack(
            copy,
            ownFeed,
            // What the repository itself needs is taken from where it already is.
            new Dictionary<string, string>(feed.Compiler) { ["NUGET_PACKAGES"] = packages, ["NUGET_FALLBACK_PACKAGES"] = UsualPackages },
            PackedFeed.Quickly,
            ["msbuild/Hypermesh.BpfSdk"]);

        Assert.Contains("(of the changed task)", Assert.Single(project.Build().Failed().Diagnostics("HMBPF1001")));
    }

    /// <summary>The folder that this repository restores to.</summary>
    internal static string UsualPackages
        => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static void CopyRepository(string target)
    {
        foreach (string part in new[] { "src", "msbuild", "generators" })
        {
            CopyFolder(Path.Combine(PackedFeed.Repository, part), Path.Combine(target, part));
        }

        foreach (string file in Directory.GetFiles(PackedFeed.Repository))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.GetDirectories(source).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj" or "artifacts")))
        {
            CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
        }
    }
}
