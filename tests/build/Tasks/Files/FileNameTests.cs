using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Files;

/// <summary>Any file name that the file system takes ends up embedded under a class name.</summary>
public sealed class FileNameTests(PackedFeed feed)
{
    [Fact]
    public void Names_that_trip_MSBuild_are_embedded()
    {
        using UserProject project = UserProject.Console(feed, "my-app é");
        foreach (string file in new[] { "foo.de.bpf.c", "exec-trace.bpf.c", "50%20off.bpf.c", "deep er/größe.bpf.c", "App.bpf.c" })
        {
            project.Write(file, KernelC.CountsPackets);
        }

        BuildResult build = project.Build().Succeeded();
        string[] resources = project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(5, build.ClangRuns);
        Assert.Equal(
            ["Hypermesh.Bpf/App.AppProgram.bpf.o", "Hypermesh.Bpf/App.ExecTrace.bpf.o", "Hypermesh.Bpf/App.FooDe.bpf.o", "Hypermesh.Bpf/App.Größe.bpf.o", "Hypermesh.Bpf/App._50_20off.bpf.o"],
            resources.Order(StringComparer.Ordinal));
        Assert.Equal(0, project.Build("--no-restore").Succeeded().ClangRuns);
    }

    [Theory]
    [InlineData("event", "event")]
    [InlineData("my-app", "my_app")]
    [InlineData("2nd.namespace", "_2nd.namespace")]
    public void A_project_of_any_name_compiles(string projectName, string expected)
    {
        using UserProject project = UserProject.Console(feed);
        File.Move(project.PathOf("App.csproj"), project.PathOf(projectName + ".csproj"));
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        // Found by the global using the SDK adds.
        project.Write("Use.cs", "static class Use { static Packets.Spec Open() => Packets.Open(); }\n");

        project.Build("-warnaserror").Succeeded();
        Assert.Equal($"Hypermesh.Bpf/{expected}.Packets.bpf.o\n", project.Run($"bin/Debug/net10.0/{projectName}.dll").Succeeded().Output);
    }

    [Fact]
    public void Two_files_of_one_name_are_distinguished_by_metadata_or_rejected()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("a/exec.bpf.c", KernelC.CountsPackets);
        project.Write("b/exec.bpf.c", KernelC.CountsPackets);

        Assert.Contains("a/exec.bpf.c", Assert.Single(project.Build().Failed().Diagnostics("HMBPF0003")));

        project.Write(
            "Directory.Build.targets",
            """<Project><ItemGroup><BpfCompile Update="b/exec.bpf.c" ClassName="OtherExec" Namespace="Some.Where" Accessibility="internal" /></ItemGroup></Project>""");
        project.Build().Succeeded();
        Assert.Equal(
            ["Hypermesh.Bpf/App.Exec.bpf.o", "Hypermesh.Bpf/Some.Where.OtherExec.bpf.o"],
            project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_same_source_gives_the_same_object_in_every_folder()
    {
        byte[][] objects = [.. new[] { "a", "another folder" }.Select(folder =>
        {
            using UserProject project = UserProject.Console(feed, folder);
            project.Write("packets.bpf.c", KernelC.CountsPackets);
            project.Build().Succeeded();
            return File.ReadAllBytes(project.Output("packets.bpf.o"));
        })];

        Assert.Equal(objects[0], objects[1]);
    }

    [Fact]
    public void Clean_removes_everything_and_a_removed_file_its_outputs()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("gone.bpf.c", KernelC.CountsPackets);
        project.Build("-p:BpfCompileCommandsFile=compile_commands.json").Succeeded();
        Assert.Contains("gone.bpf.c", File.ReadAllText(project.PathOf("compile_commands.json")));

        File.Delete(project.PathOf("gone.bpf.c"));
        project.Build("--no-restore").Succeeded();
        Assert.Empty(Directory.GetFiles(project.Output(""), "gone*"));
        Assert.NotEmpty(Directory.GetFiles(project.Output(""), "packets*"));

        project.Run("clean", "-nodeReuse:false").Succeeded();
        Assert.Empty(Directory.Exists(project.Output("")) ? Directory.GetFiles(project.Output("")) : []);
    }
}
