using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Programs;

/// <summary>A file is compiled again exactly when clang would read something else, whatever the reason; and links are resolved as the system resolves them.</summary>
public sealed class HeaderChangeTests(HeaderChangeTests.BuiltProject built) : IClassFixture<HeaderChangeTests.BuiltProject>
{
    private static readonly DateTime s_longAgo = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    /// <summary>A project whose headers come from folders, links and linked folders; each test starts from an up-to-date build and leaves the files as they were.</summary>
    public sealed class BuiltProject : IDisposable
    {
        public BuiltProject(PackedFeed feed)
        {
            Project = UserProject.Console(feed, items: """<BpfCompile Update="packets.bpf.c" IncludePaths="first;second;current;linked/../above" />""");
            Project.Write("second/limits.h", "#define LIMIT 1\n");
            Project.Write("elsewhere/target.h", "#define TARGET 1\n");
            Project.Write("versions/1/version.h", "#define VERSION 1\n");
            Project.Write("versions/2/version.h", "#define VERSION 2\n");
            Project.Write("far/inner/x.h", "#define X 1\n");
            Project.Write("far/above/above.h", "#define ABOVE 1\n");
            File.SetLastWriteTimeUtc(Project.PathOf("versions/1/version.h"), s_longAgo);
            File.SetLastWriteTimeUtc(Project.PathOf("versions/2/version.h"), s_longAgo);
            File.CreateSymbolicLink(Project.PathOf("second/link.h"), "linkagain.h");
            File.CreateSymbolicLink(Project.PathOf("second/linkagain.h"), "../elsewhere/target.h");
            File.CreateSymbolicLink(Project.PathOf("current"), "versions/1");
            File.CreateSymbolicLink(Project.PathOf("linked"), "far/inner");
            Project.Write(
                "sources/real.c",
                "#include \"limits.h\"\n#include <link.h>\n#include <version.h>\n#include \"linked/x.h\"\n#include <above.h>\nconst volatile int sum = LIMIT + TARGET + VERSION + X + ABOVE;\n"
                + KernelC.CountsPackets.Replace("one = 1", "one = sum", StringComparison.Ordinal));
            File.CreateSymbolicLink(Project.PathOf("packets.bpf.c"), "sources/real.c");
            Project.Build().Succeeded();
        }

        internal UserProject Project { get; }

        public void Dispose() => Project.Dispose();
    }

    private readonly UserProject _project = built.Project;

    public static TheoryData<string, string> Edited => new()
    {
        { "second/limits.h", "replaced by an older file" },
        { "sources/real.c", "the source itself, behind a link" },
        { "elsewhere/target.h", "behind two links" },
        { "versions/1/version.h", "in a folder behind a link" },
        { "far/above/above.h", "on a way that leads up out of a linked folder" },
    };

    [Theory]
    [MemberData(nameof(Edited))]
    public void What_was_read_is_replaced_by_an_older_file(string file, string how)
    {
        string before = File.ReadAllText(_project.PathOf(file));
        DateTime time = File.GetLastWriteTimeUtc(_project.PathOf(file));
        UpToDate();

        _project.Write(file, before + "/* more */\n");
        File.SetLastWriteTimeUtc(_project.PathOf(file), s_longAgo.AddDays(-1));

        CompiledOnce(how);
        _project.Write(file, before);
        File.SetLastWriteTimeUtc(_project.PathOf(file), time);
        CompiledOnce("put back");
    }

    [Theory]
    [InlineData("first/limits.h")]
    [InlineData("limits.h")]
    [InlineData("first/bpf/bpf_helpers.h")]
    public void A_header_that_comes_earlier_in_the_search_is_found(string file)
    {
        UpToDate();

        _project.Write(file, file.EndsWith("limits.h", StringComparison.Ordinal) ? "#define LIMIT 5\n" : "#include_next <bpf/bpf_helpers.h>\n");
        File.SetLastWriteTimeUtc(_project.PathOf(file), s_longAgo);

        CompiledOnce(file);
        File.Delete(_project.PathOf(file));
        if (Directory.Exists(_project.PathOf("first")))
        {
            Directory.Delete(_project.PathOf("first"), recursive: true);
        }

        UpToDate();
    }

    [Fact]
    public void A_link_that_leads_to_another_version_of_the_same_age_is_followed()
    {
        UpToDate();

        File.Delete(_project.PathOf("current"));
        File.CreateSymbolicLink(_project.PathOf("current"), "versions/2");

        CompiledOnce("another version");
        File.Delete(_project.PathOf("current"));
        File.CreateSymbolicLink(_project.PathOf("current"), "versions/1");
        UpToDate();
    }

    [Fact]
    public void A_file_of_the_future_is_compiled_once()
    {
        UpToDate();
        File.SetLastWriteTimeUtc(_project.PathOf("second/limits.h"), DateTime.UtcNow.AddYears(1));

        CompiledOnce("a clock that was ahead");
        File.SetLastWriteTimeUtc(_project.PathOf("second/limits.h"), s_longAgo);
        UpToDate();
    }

    // The change compiles the file again, and the next build compiles nothing.
    private void CompiledOnce(string how)
    {
        Assert.Equal((how, 1), (how, _project.Build("--no-restore").Succeeded().ClangRuns));
        Assert.Equal((how, 0), (how, _project.Build("--no-restore").Succeeded().ClangRuns));
    }

    private void UpToDate() => _project.Build("--no-restore").Succeeded();
}
