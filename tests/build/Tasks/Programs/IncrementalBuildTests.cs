using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Programs;

/// <summary>A build does what a change asks for and nothing else.</summary>
public sealed class IncrementalBuildTests(IncrementalBuildTests.BuiltProject built) : IClassFixture<IncrementalBuildTests.BuiltProject>
{
    /// <summary>A project with one C file and one header, built once; each test starts from an up-to-date build.</summary>
    public sealed class BuiltProject : IDisposable
    {
        public BuiltProject(PackedFeed feed)
        {
            Project = UserProject.Console(feed);
            Project.Write("limits.h", "#define LIMIT 1\n");
            Project.Write("packets.bpf.c", "#include \"limits.h\"\n" + KernelC.CountsPackets.Replace("one = 1", "one = LIMIT"));
            First = Project.Build().Succeeded();
        }

        internal UserProject Project { get; }

        internal BuildResult First { get; }

        public void Dispose() => Project.Dispose();
    }

    private readonly UserProject _project = built.Project;

    [Fact]
    public void The_first_build_compiles_once()
    {
        Assert.Equal(1, built.First.ClangRuns);
        Assert.True(built.First.RanCSharpCompiler);
    }

    [Fact]
    public void An_unchanged_project_runs_neither_compiler()
    {
        UpToDate();

        BuildResult second = _project.Build("--no-restore").Succeeded();

        Assert.Equal(0, second.ClangRuns);
        Assert.False(second.RanCSharpCompiler, second.Output);
    }

    [Fact]
    public void Another_version_of_clang_compiles_anew_and_the_same_object_runs_no_csc()
    {
        UpToDate();
        string clang = _project.Clang + "-before";
        File.Move(_project.Clang, clang);
        UserProject.WriteProgram(_project.Clang, $"if [ \"$1\" = --version ]; then echo 'clang version 99.1.0'; else exec '{clang}' \"$@\"; fi");

        BuildResult build = _project.Build("--no-restore").Succeeded();
        File.Move(clang, _project.Clang, overwrite: true);

        Assert.Equal(1, build.ClangRuns);
        Assert.False(build.RanCSharpCompiler, build.Output);
    }

    [Fact]
    public void A_comment_after_the_last_line_runs_clang_and_not_csc()
    {
        UpToDate();
        DateTime carrier = File.GetLastWriteTimeUtc(_project.Output("packets.bpf.elf.txt"));
        DateTime image = File.GetLastWriteTimeUtc(_project.Output("packets.bpf.o"));
        File.AppendAllText(_project.PathOf("packets.bpf.c"), "// said last\n");

        BuildResult build = _project.Build("--no-restore").Succeeded();

        Assert.Equal(1, build.ClangRuns);
        Assert.False(build.RanCSharpCompiler, build.Output);
        Assert.Equal(carrier, File.GetLastWriteTimeUtc(_project.Output("packets.bpf.elf.txt")));
        Assert.Equal(image, File.GetLastWriteTimeUtc(_project.Output("packets.bpf.o")));
    }

    [Fact]
    public void A_change_of_the_C_runs_both()
    {
        UpToDate();
        Change("packets.bpf.c", "XDP_PASS", "XDP_DROP");

        BuildResult build = _project.Build("--no-restore").Succeeded();

        Assert.Equal(1, build.ClangRuns);
        Assert.True(build.RanCSharpCompiler);
        Change("packets.bpf.c", "XDP_DROP", "XDP_PASS");
    }

    [Fact]
    public void A_change_of_the_CSharp_runs_csc_and_not_clang()
    {
        UpToDate();
        File.AppendAllText(_project.PathOf("Main.cs"), "System.Console.WriteLine(\"more\");\n");

        BuildResult build = _project.Build("--no-restore").Succeeded();

        Assert.Equal(0, build.ClangRuns);
        Assert.True(build.RanCSharpCompiler);
    }

    [Fact]
    public void A_change_of_a_header_compiles_what_includes_it()
    {
        UpToDate();
        string limit = Guid.NewGuid().GetHashCode().ToString("x");
        _project.Write("limits.h", $"#define LIMIT 0x{limit}\n");

        Assert.Equal(1, _project.Build("--no-restore").Succeeded().ClangRuns);
    }

    [Fact]
    public void A_change_of_the_arguments_compiles_again()
    {
        UpToDate();

        Assert.Equal(1, _project.Build("--no-restore", "-p:BpfMcpu=v2").Succeeded().ClangRuns);
        Assert.Equal(1, _project.Build("--no-restore").Succeeded().ClangRuns);
    }

    private void UpToDate() => _project.Build("--no-restore").Succeeded();

    private void Change(string file, string from, string to)
        => File.WriteAllText(_project.PathOf(file), File.ReadAllText(_project.PathOf(file)).Replace(from, to));
}
