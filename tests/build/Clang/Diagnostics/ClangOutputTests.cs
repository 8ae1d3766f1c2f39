using Hypermesh.Bpf.Clang.Diagnostics;
using Hypermesh.Bpf.Tests.Build.Support;
using Hypermesh.BpfSdk.Tasks.Diagnostics;

namespace Hypermesh.Bpf.Tests.Build.Clang.Diagnostics;

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
    public void Repetitions_of_the_code_generator_are_reported_once_and_other_lines_not()
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
    [InlineData("bpf/nothing_like_it.h", "libbpf's headers are installed, and have no header with that name")]
    [InlineData("linux/mm_internal.h", "programs cannot include the kernel's internal headers")]
    [InlineData("linux/sched/task.h", "programs cannot include the kernel's internal headers")]
    [InlineData("mine.h", null)]
    public void A_missing_header_that_is_there_by_another_name_is_named(string header, string? remedy)
    {
        using var folder = new TemporaryFolder();
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

    [Fact]
    public void A_header_of_the_C_library_is_an_error_at_the_line_that_includes_it()
    {
        const string Output = "In file included from a.bpf.c:3:\n"
            + "In file included from mine.h:7:\n"
            + "In file included from /usr/lib/llvm-22/lib/clang/22/include/stdint.h:56:\n"
            + "In file included from /usr/include/stdint.h:26:\n"
            + "In file included from /usr/include/features.h:513:\n"
            + "/usr/include/x86_64-linux-gnu/gnu/stubs.h:7:11: fatal error: 'gnu/stubs-32.h' file not found\n";

        ClangDiagnostic told = CLibrary.AtInclude(Assert.Single(ClangOutput.Read(Output)));

        Assert.Equal(("mine.h", 7), (told.File, told.Line));
        Assert.StartsWith("<stdint.h> cannot be included; BPF programs have no C library: remove #include <stdint.h>", told.Text, StringComparison.Ordinal);
        Assert.Contains("BPF programs have no C library", MissingHeader.Explain("'string.h' file not found", static () => []), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("In file included from a.bpf.c:2:\nIn file included from /usr/include/bpf/bpf_helpers.h:11:\n/usr/include/bpf/bpf_helper_defs.h:80:1: error: unknown type name '__u32'\n", "<bpf/bpf_helpers.h>", "#include <linux/bpf.h>", "a.bpf.c", 2)]
    [InlineData("In file included from a.bpf.c:3:\nIn file included from mine.h:1:\n/usr/include/bpf/usdt.bpf.h:47:2: error: unknown type name 'bool'\n", "<bpf/usdt.bpf.h>", "#include <stdbool.h>", "mine.h", 1)]
    [InlineData("In file included from a.bpf.c:3:\n/usr/include/bpf/usdt.bpf.h:83:13: error: incomplete definition of type 'struct pt_regs'\n", "<bpf/usdt.bpf.h>", "#include <linux/ptrace.h>", "a.bpf.c", 3)]
    public void Types_that_a_header_of_libbpf_needs_are_reported_where_it_is_included(string output, string header, string remedy, string file, int line)
    {
        ClangDiagnostic told = MissingTypes.AtInclude(Assert.Single(ClangOutput.Read(output)));

        Assert.Equal((file, line), (told.File, told.Line));
        Assert.StartsWith($"{header} uses types that are declared before it: write {remedy}, or", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_include_hold_for_the_file_they_lead_to()
    {
        const string Output = "In file included from a.bpf.c:2:\n"
            + "first.h:1:1: error: one\n"
            + "first.h:2:1: error: two\n"
            + "a.bpf.c:5:1: error: three\n"
            + "In file included from a.bpf.c:3:\n"
            + "second.h:1:1: error: four\n";

        Assert.Equal(["a.bpf.c:2", "a.bpf.c:2", "", "a.bpf.c:3"], ClangOutput.Read(Output).Select(static one => string.Join(' ', one.IncludedFrom.Select(static from => $"{from.File}:{from.Line}"))));
    }

    [Theory]
    [InlineData("/usr/include/asm-generic/posix_types.h", "obj/vmlinux.h", "This header cannot be included beside vmlinux.h")]
    [InlineData("obj/vmlinux.h", "/usr/include/asm-generic/posix_types.h", "remove the #include <linux/…> lines")]
    public void Headers_of_the_kernel_beside_vmlinux_are_reported_at_their_line(string second, string first, string remedy)
    {
        IReadOnlyList<ClangDiagnostic> output = ClangOutput.Read(
            "In file included from a.bpf.c:2:\nIn file included from /usr/include/linux/sched.h:5:\n"
            + $"{second}:68:22: error: typedef redefinition with different types ('unsigned int' vs '__kernel_ulong_t' (aka 'unsigned long'))\n"
            + $"{first}:480:26: note: previous definition is here\n");

        Assert.True(DefinedTwice.IsIn(output));
        ClangDiagnostic told = DefinedTwice.AtInclude(output[0]);
        Assert.Equal(("a.bpf.c", 2), (told.File, told.Line));
        Assert.Contains(remedy, told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Clashing_definitions_of_the_user_are_reported_where_they_are()
    {
        const string Output = "In file included from a.bpf.c:2:\nmine.h:5:8: error: redefinition of 'event'\na.bpf.c:1:8: note: previous definition is here\n";

        Assert.False(DefinedTwice.IsIn(ClangOutput.Read(Output)));
    }

    [Theory]
    [InlineData("A call to built-in function '__muldf3' is not supported.", "BPF has no floating point")]
    [InlineData("A call to built-in function '__floatunsidf' is not supported.", "BPF has no floating point")]
    [InlineData("A call to built-in function 'memset' is not supported.", "keep it in a map or a global variable")]
    [InlineData("Looks like the BPF stack limit of 512 bytes is exceeded. Please move large on stack variables into BPF per-cpu array map.", "make it static")]
    [InlineData("unknown target CPU '5'", "<BpfMcpu>")]
    [InlineData("stack arguments are not supported", "more than five parameters, which BPF does not have: pass a pointer to a struct")]
    [InlineData("defined with too many args", "more than five parameters, which BPF does not have: pass a pointer to a struct")]
    [InlineData("0x55a9e819e060: i64 = GlobalAddress<ptr @add> 0, a.bpf.c:13:9 too many arguments", "A function that is not inlined is called with more than five arguments")]
    [InlineData("too many args to 0x55ccde6406b0: i64 = GlobalAddress<ptr @add> 0, a.bpf.c:13:9", "A function that is not inlined is called with more than five arguments")]
    [InlineData("variable has incomplete type 'struct bpf_map_def'", "SEC(\".maps\")")]
    public void A_known_sentence_says_what_to_do(string text, string remedy)
    {
        string told = KnownSentence.Explain(new ClangDiagnostic(ClangDiagnosticKind.Error, null, "a.bpf.c", 1, 1, text), static () => "");

        Assert.Contains(remedy, told, StringComparison.Ordinal);
        Assert.DoesNotContain("-mllvm", told, StringComparison.Ordinal);
        Assert.DoesNotContain(".;", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a parameter list without types is only allowed in a function definition", "BPF_HASH(counts, __u32, __u64);", "BPF_HASH is of bcc. Declare the map as struct {")]
    [InlineData("type specifier missing, defaults to 'int'; ISO C99 and later do not support implicit int", "BPF_PERF_OUTPUT(events);", "Write HM_RINGBUF(events, struct event")]
    [InlineData("use of undeclared identifier 'events'", "\tevents.perf_submit(ctx, &data, sizeof(data));", "Write bpf_perf_event_output(ctx, &events")]
    [InlineData("no member named 'perf_submit' in 'struct (unnamed)'", "\tevents.perf_submit(ctx, &data, sizeof(data));", "Write bpf_perf_event_output(ctx, &events")]
    [InlineData("use of undeclared identifier 'counts'", "\tvalue = counts.lookup(&key);", "Write bpf_map_lookup_elem(&map, &key)")]
    [InlineData("expected identifier", "int BPF_UPROBE(on_puts, const char *text)", "write BPF_KPROBE, which is the same")]
    [InlineData("expected identifier", "int BPF_URETPROBE(on_return, long result)", "write BPF_KRETPROBE, which is the same")]
    public void A_macro_that_does_not_exist_is_recognized_by_its_line(string text, string line, string remedy)
    {
        Assert.Contains(remedy, KnownSentence.Explain(new ClangDiagnostic(ClangDiagnosticKind.Error, null, "a.bpf.c", 1, 1, text), () => line), StringComparison.Ordinal);
        Assert.Equal(text, KnownSentence.Explain(new ClangDiagnostic(ClangDiagnosticKind.Error, null, "a.bpf.c", 1, 1, text), static () => "int other(void)"));
    }

    [Fact]
    public void A_folder_of_the_project_that_does_not_exist_is_named()
        => Assert.Contains("there is no folder /nowhere/inc: correct the BpfIncludePath item", MissingHeader.Explain("'common.h' file not found", static () => ["/nowhere/inc", "/usr/include/nowhere", "/"]), StringComparison.Ordinal);

    [Theory]
    [InlineData("memcpy", "\t__builtin_memcpy(to, from, n);", 2, "the length is not a constant: call bpf_probe_read_kernel", "512")]
    [InlineData("memcpy", "\tif (n) __builtin_memmove(to, from, sizeof(*to) * n);", 9, "the length is not a constant: call bpf_probe_read_kernel", "512")]
    [InlineData("memset", "\tmemset(to, 0, event->length);", 2, "the length is not a constant: set a constant number", "bpf_probe_read_kernel")]
    [InlineData("memset", "\t__builtin_memset(pick(a, b), 0, sizeof(buffer));", 2, "keep it in a map or a global variable", "not a constant")]
    [InlineData("memcpy", "\t__builtin_memcpy(to, from, 64 * LINE + 8);", 2, "keep it in a map or a global variable", "not a constant")]
    [InlineData("memcpy", "\t\tto[i] = from[i];", 9, "either the length is not a constant: call bpf_probe_read_kernel", "?")]
    [InlineData("memset", "\tchar text[2000] = {};", 7, "Or this is more memory than clang copies or sets", "?")]
    [InlineData("memcpy", "\t__builtin_memcpy(to, from,", 2, "Or this is more memory than clang copies or sets", "?")]
    public void A_call_that_sets_or_copies_memory_names_the_cause_that_the_line_shows(string function, string line, int column, string remedy, string not)
    {
        var diagnostic = new ClangDiagnostic(ClangDiagnosticKind.Error, null, "a.bpf.c", 1, column, $"A call to built-in function '{function}' is not supported.");

        string told = KnownSentence.Explain(diagnostic, () => line);

        Assert.Contains(remedy, told, StringComparison.Ordinal);
        Assert.DoesNotContain(not, told, StringComparison.Ordinal);
        Assert.DoesNotContain(".;", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x = bpf_map_lookup_elem(&map, pid);", 31, "&pid")]
    [InlineData("x = bpf_map_lookup_elem(&map, pid + 1);", 31, "as in &value")]
    [InlineData("x = bpf_map_lookup_elem(&map, 1);", 31, "as in &value")]
    [InlineData("", 31, "as in &value")]
    public void A_value_where_an_address_is_expected_names_the_address(string line, int column, string remedy)
        => Assert.Contains(
            remedy,
            KnownSentence.Explain(new ClangDiagnostic(ClangDiagnosticKind.Error, null, "a.bpf.c", 1, column, "incompatible integer to pointer conversion passing '__u32' (aka 'unsigned int') to parameter of type 'const void *' [-Wint-conversion]"), () => line),
            StringComparison.Ordinal);
}
