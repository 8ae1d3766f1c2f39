using Hypermesh.BpfSdk.Tasks.Diagnostics;

namespace Hypermesh.Bpf.Tests.Build.Tasks;

/// <summary>Each kind of line that clang prints gets its code.</summary>
public sealed class ClangOutputTests
{
    [Theory]
    [InlineData("a.bpf.c:5:107: error: use of undeclared identifier 'nope'", "HMBPF1001", "a.bpf.c", 5, 107, "use of undeclared identifier 'nope'")]
    [InlineData("a.bpf.c:5:50: warning: unused variable 'x' [-Wunused-variable]", "HMBPF1002", "a.bpf.c", 5, 50, "unused variable 'x' [-Wunused-variable]")]
    [InlineData("C:\\my code\\a.bpf.c:1:2: error: x", "HMBPF1001", "C:\\my code\\a.bpf.c", 1, 2, "x")]
    [InlineData("a.bpf.c:1:10: fatal error: 'mine.h' file not found", "HMBPF1003", "a.bpf.c", 1, 10, "'mine.h' file not found")]
    [InlineData("clang-19: error: unknown argument: '-fnope'", "HMBPF1004", null, 0, 0, "unknown argument: '-fnope'")]
    [InlineData("/usr/bin/clang: warning: argument unused during compilation: '-pie'", "HMBPF1004", null, 0, 0, "argument unused during compilation: '-pie'")]
    [InlineData("fatal error: error in backend: Cannot select", "HMBPF1004", null, 0, 0, "error in backend: Cannot select")]
    [InlineData("a.bpf.c:4:1: note: expanded from macro 'X'", null, "a.bpf.c", 4, 1, "expanded from macro 'X'")]
    public void A_line_is_read(string line, string? code, string? file, int row, int column, string text)
    {
        ClangDiagnostic diagnostic = Assert.Single(ClangOutput.Read(line + "\n"));

        Assert.Equal((code, file, row, column, text), (diagnostic.Code, diagnostic.File, diagnostic.Line, diagnostic.Column, diagnostic.Text));
    }

    [Fact]
    public void What_the_code_generator_repeats_is_said_once_and_other_lines_not_at_all()
    {
        const string Output = "In file included from a.bpf.c:1:\n"
            + "a.bpf.c:5:61: error: Looks like the BPF stack limit is exceeded.\n\n"
            + "a.bpf.c:5:61: error: Looks like the BPF stack limit is exceeded.\n\n"
            + "1 error generated.\n";

        Assert.Single(ClangOutput.Read(Output));
    }

    [Theory]
    [InlineData("bpf/bpf_helpers.h", "libbpf-dev")]
    [InlineData("asm/types.h", "linux-libc-dev")]
    [InlineData("linux/bpf.h", "linux-libc-dev")]
    [InlineData("vmlinux.h", "bpftool btf dump")]
    public void A_missing_header_of_the_system_says_where_it_comes_from(string header, string remedy)
        => Assert.Contains(remedy, Assert.Single(ClangOutput.Read($"a.bpf.c:1:10: fatal error: '{header}' file not found")).Text);
}
