using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Files;

/// <summary>A project reached through a linked folder builds as it does where it lies.</summary>
public sealed class LinkedProjectTests(PackedFeed feed)
{
    [Theory]
    [InlineData("../shared/far.bpf.c")]
    [InlineData("$(MSBuildProjectDirectory)/../shared/far.bpf.c")]
    public void Paths_with_two_dots_start_from_the_real_folder(string include)
    {
        using UserProject project = UserProject.Console(
            feed, "real/deeper/App", items: $"""<BpfCompile Include="{include}" /><BpfIncludePath Include="../include" />""");
        project.Write("near.bpf.c", "#include <shared.h>\n" + KernelC.CountsPackets);
        project.Write("../include/shared.h", "#define SHARED 1\n");
        project.Write("../shared/far.bpf.c", "#include \"../include/shared.h\"\n" + KernelC.CountsPackets);
        string link = Path.Combine(project.Root, "link");
        File.CreateSymbolicLink(link, project.Folder);
        string file = Path.Combine(link, "App.csproj");

        Assert.Equal(2, project.Build(file).Succeeded().ClangRuns);
        Assert.Equal(0, project.Build(file, "--no-restore").Succeeded().ClangRuns);
        Assert.Equal("Hypermesh.Bpf/App.Far.bpf.o\nHypermesh.Bpf/App.Near.bpf.o\n", string.Join('\n', project.Run(project.PathOf("bin/Debug/net10.0/App.dll")).Succeeded().Output.Split('\n').Order().Skip(1)) + "\n");

        project.Write("../shared/far.bpf.c", "int broken(");
        string error = Assert.Single(project.Build(file, "--no-restore").Failed().Diagnostics("HMBPF1001").Take(1));
        Assert.StartsWith(Path.GetFullPath(project.PathOf("../shared/far.bpf.c")) + "(1,", error, StringComparison.Ordinal);
    }
}
