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
    [InlineData("bpf/bpf_helpers.h", "apt install libbpf-dev")]
    [InlineData("asm/types.h", "apt install linux-libc-dev")]
    [InlineData("linux/bpf.h", "apt install linux-libc-dev")]
    [InlineData("vmlinux.h", "<BpfVmlinux>pruned</BpfVmlinux>")]
    [InlineData("../vmlinux.h", "<BpfVmlinux>pruned</BpfVmlinux>")]
    [InlineData("vmlinx.h", "did you mean \"vmlinux.h\"? <BpfVmlinux>")]
    [InlineData("net/sock.h", "<BpfVmlinux>pruned</BpfVmlinux>")]
    public void A_missing_header_of_the_system_says_where_it_comes_from(string header, string remedy)
        => Assert.Contains(remedy, MissingHeader.Explain($"'{header}' file not found", static () => []), StringComparison.Ordinal);

    [Theory]
    [InlineData("bpf/bpf_helper.h", "did you mean <bpf/bpf_helpers.h>?")]
    [InlineData("bpf/helpers.h", "did you mean <bpf/bpf_helpers.h>?")]
    [InlineData("bpf_helpers.h", "did you mean <bpf/bpf_helpers.h>?")]
    [InlineData("linux/bpf_helpers.h", "did you mean <bpf/bpf_helpers.h>?")]
    [InlineData("hypermesh/ringbuff.h", "did you mean <hypermesh/ringbuf.h>?")]
    [InlineData("ringbuf.h", "did you mean <hypermesh/ringbuf.h>?")]
    [InlineData("shard.h", "did you mean <shared.h>?")]
    [InlineData("bpf/nothing_like_it.h", "libbpf's headers are installed, without one of that name")]
    [InlineData("linux/mm_internal.h", "programs cannot include the kernel's internal headers")]
    [InlineData("linux/sched/task.h", "programs cannot include the kernel's internal headers")]
    [InlineData("mine.h", null)]
    public void A_missing_header_that_is_there_by_another_name_is_named(string header, string? remedy)
    {
        using var folder = new Harness.TemporaryFolder();
        foreach (string file in (string[])["bpf/bpf_helpers.h", "linux/types.h", "hypermesh/ringbuf.h", "shared.h"])
        {
            string path = Path.Combine(folder.Path, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
        }

        string text = $"'{header}' file not found";
        string told = MissingHeader.Explain(text, () => [folder.Path]);

        Assert.Equal(remedy is null ? text : $"{text}; {remedy}", told[..Math.Min(told.Length, text.Length + (remedy is null ? told.Length : remedy.Length + 2))]);
        Assert.DoesNotContain("apt install", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("call to undeclared function 'bpf_map_lookup_elm'; ISO C99 and later do not support implicit function declarations", "did you mean bpf_map_lookup_elem?")]
    [InlineData("call to undeclared function 'bpf_loop'; ISO C99 and later do not support implicit function declarations", "<bpf/bpf_helpers.h>")]
    [InlineData("incomplete definition of type 'struct task_struct'", "<BpfVmlinux>pruned</BpfVmlinux>")]
    [InlineData("unknown type name 'u32'", "__u32 of <linux/types.h>")]
    [InlineData("unknown type name 'bool'", "_Bool")]
    [InlineData("use of undeclared identifier 'u64'", "__u64 of <linux/types.h>")]
    public void A_name_of_the_kernels_says_where_it_comes_from(string text, string remedy)
        => Assert.Contains(remedy, UnknownName.Explain(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("use of undeclared identifier 'nope'")]
    [InlineData("unknown type name 'mine'")]
    [InlineData("call to undeclared function 'bpf_map_lookup_elm'; did you mean 'bpf_map_lookup_elem'?")]
    public void Other_names_are_left_alone(string text) => Assert.Equal(text, UnknownName.Explain(text));
}
