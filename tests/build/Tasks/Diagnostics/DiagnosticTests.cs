using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Diagnostics;

/// <summary>What clang says reaches the user as MSBuild's own errors and warnings, with codes that stay.</summary>
public sealed class DiagnosticTests(PackedFeed feed)
{
    [Fact]
    public void An_error_in_the_C_fails_the_build_at_its_line()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("XDP_PASS", "nope"));

        BuildResult build = project.Build().Failed();

        string error = Assert.Single(build.Diagnostics("HMBPF1001"));
        Assert.StartsWith($"{project.PathOf("packets.bpf.c")}(18,9): BPF error HMBPF1001: use of undeclared identifier 'nope'", error);
        Assert.DoesNotContain("MSB", error);
        Assert.Empty(build.Diagnostics("MSB6006"));

        // A C error alone: the C# that uses the class is not blamed as well.
        Assert.Equal(1, project.Build("--no-restore").Failed().ClangRuns);
    }

    [Fact]
    public void An_editor_gets_the_error_as_a_warning_and_keeps_the_last_good_types()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        // On a fresh clone, before any build, the editor's own build compiles.
        BuildResult first = DesignTimeBuild(project).Succeeded();
        Assert.Equal(1, first.ClangRuns);
        Assert.Contains("packets.bpf.elf.txt", first.Output);

        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("XDP_PASS", "nope"));
        BuildResult build = DesignTimeBuild(project).Succeeded();

        Assert.Contains("warning", Assert.Single(build.Diagnostics("HMBPF1001")));
        Assert.Contains("packets.bpf.elf.txt", build.Output);
    }

    [Fact]
    public void A_warning_names_its_flag_and_obeys_the_project()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("one = 1;", "one = 1, spare;"));

        string warning = Assert.Single(project.Build().Succeeded().Diagnostics("HMBPF1002"));
        Assert.EndsWith("[-Wunused-variable]", warning.Split(" [/")[0]);

        Assert.Empty(project.Build("--no-incremental", "-p:NoWarn=HMBPF1002").Succeeded().Diagnostics("HMBPF1002"));
        project.Build("--no-incremental", "-p:WarningsAsErrors=HMBPF1002").Failed();

        // What failed is not up to date.
        project.Build("-p:WarningsAsErrors=HMBPF1002").Failed();
    }

    [Fact]
    public void A_missing_header_says_what_to_install()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", "#include <bpf/bpf_nothing.h>\n");

        string error = Assert.Single(project.Build().Failed().Diagnostics("HMBPF1003"));

        Assert.Contains("packets.bpf.c(1,10)", error);
        Assert.Contains("libbpf-dev", error);
    }

    [Theory]
    [InlineData("#include <bpf/bpf_nothing.h>\n", "HMBPF1003", "libbpf's headers are installed, and have no header with that name")]
    [InlineData("#include <linux/nothing_of_the_kind.h>\n", "HMBPF1003", "programs cannot include the kernel's internal headers")]
    [InlineData("#include <asm/nothing_of_the_kind.h>\n", "HMBPF1003", "programs cannot include the kernel's internal headers")]
    [InlineData("#include <hypermesh/nothing_of_the_kind.h>\n", "HMBPF1003", "the package Hypermesh.BpfSdk has no header with that name")]
    [InlineData("#include \"vmlinux.h\"\n", "HMBPF1003", "<BpfVmlinux>pruned</BpfVmlinux> in the project makes it")]
    [InlineData("#include <linux/ptrace.h>\n#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\nSEC(\"kprobe/x\") int p(struct pt_regs *ctx) { return PT_REGS_PARM1(ctx); }\n", "HMBPF1001", "name one in the project, as in <BpfCompile Update='file.bpf.c' Defines='__TARGET_ARCH_x86' />")]
    [InlineData("#include <linux/ptrace.h>\n#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\nSEC(\"kprobe/x\") int BPF_KPROBE(p, int a) { return a; }\n", "HMBPF1001", "The registers of a kprobe differ between architectures")]
    [InlineData("#include <hypermesh/event.h>\nstruct undefined;\nHM_EVENT(struct undefined);\n", "HMBPF1001", "incomplete type")]
    [InlineData("#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <hypermesh/event.h>\nstruct empty {};\nHM_EVENT(struct empty);\n", "HMBPF1001", "HM_EVENT takes a complete type")]
    [InlineData("#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <hypermesh/optional.h>\nenum { BELOW = -1 };\nHM_OPTIONAL(BELOW);\n", "HMBPF1001", "HM_OPTIONAL takes a constant of the kernel")]
    public void Each_error_path_has_its_message(string source, string code, string expected)
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", source);

        Assert.Contains(project.Build().Failed().Diagnostics(code), error => error.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_clang_the_error_names_every_way_to_get_one()
    {
        using UserProject project = WithoutClang(out _);

        string error = Assert.Single(project.Build().Failed().Diagnostics("HMBPF0001"));

        Assert.All(["BpfClangPath", "HYPERMESH_BPF_CLANG", "PATH", "apt install"], way => Assert.Contains(way, error));
        Assert.Contains("warning", Assert.Single(DesignTimeBuild(project).Succeeded().Diagnostics("HMBPF0001")));
    }

    [Fact]
    public void An_older_clang_is_named_and_skipped_for_a_newer_one()
    {
        using UserProject project = WithoutClang(out string path);
        UserProject.WriteProgram(Path.Combine(path, "clang"), "echo 'Some clang version 14.0.6'");

        string error = Assert.Single(project.Build().Failed().Diagnostics("HMBPF0001"));
        Assert.Contains($"{Path.Combine(path, "clang")} (PATH): version 14, older than {ClangInstallation.MinimumMajor}", error);

        File.CreateSymbolicLink(Path.Combine(path, "clang-77"), project.Clang);
        Assert.Equal(1, project.Build().Succeeded().ClangRuns);
    }

    [Fact]
    public void A_clang_that_was_asked_for_and_cannot_be_used_is_a_warning()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        BuildResult build = project.Build("-p:BpfClangPath=/nowhere/clang").Succeeded();

        Assert.Contains("BpfClangPath names /nowhere/clang", Assert.Single(build.Diagnostics("HMBPF0002")));
        Assert.Equal(1, build.ClangRuns);
    }

    private UserProject WithoutClang(out string path)
    {
        UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        path = Directory.CreateDirectory(Path.Combine(project.Folder, "obj", "path")).FullName;
        project.Environment["PATH"] = path;
        project.Environment["HYPERMESH_BPF_CLANG"] = "";
        return project;
    }

    private static BuildResult DesignTimeBuild(UserProject project)
        => project.Run(
            "msbuild", "-restore", "-v:n", "-nodeReuse:false", "-t:Compile", "-getItem:AdditionalFiles", "-getResultOutputFile:/dev/stdout",
            "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true");
}
