using System.Text.RegularExpressions;
using Hypermesh.Bpf.Clang.Diagnostics;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Clang.Diagnostics;

/// <summary>A name that clang does not know gets the header that defines it, or what to write in its place.</summary>
public sealed partial class UnknownNameTests
{
    private const string Nowhere = "/nowhere/a.bpf.c";

    // Of BPF programs only: libbpf's other headers are for the process that loads them.
    private static readonly string[] s_libbpf = ["bpf_helpers.h", "bpf_tracing.h", "bpf_core_read.h", "bpf_endian.h", "usdt.bpf.h"];

    private static readonly string[] s_searched =
        [Path.Combine(PackedFeed.Repository, "msbuild/Hypermesh.BpfSdk/include"), "/usr/include", .. Directory.GetDirectories("/usr/include", "*-linux-gnu")];

    [Theory]
    [InlineData("call to undeclared function 'bpf_map_lookup_elm'; ISO C99 and later do not support implicit function declarations", "did you mean bpf_map_lookup_elem?")]
    [InlineData("call to undeclared function 'bpf_loop'; ISO C99 and later do not support implicit function declarations", "<bpf/bpf_helpers.h>")]
    [InlineData("incomplete definition of type 'struct task_struct'", "<BpfVmlinux>pruned</BpfVmlinux>")]
    [InlineData("unknown type name 'u32'", "__u32 of <linux/types.h>")]
    [InlineData("unknown type name 'bool'", "_Bool")]
    [InlineData("use of undeclared identifier 'u64'", "__u64 of <linux/types.h>")]
    public void A_name_of_the_kernel_says_where_it_comes_from(string text, string remedy)
        => Assert.Contains(remedy, Explained(text, Nowhere), StringComparison.Ordinal);

    [Theory]
    [InlineData("use of undeclared identifier 'nope'")]
    [InlineData("unknown type name 'mine'")]
    [InlineData("call to undeclared function 'bpf_map_lookup_elm'; did you mean 'bpf_map_lookup_elem'?")]
    public void Other_names_are_left_alone(string text) => Assert.Equal(text, Explained(text, Nowhere));

    [Theory]
    [InlineData("call to undeclared library function 'strcmp' with type 'int (const char *, const char *)'; ISO C99 and later do not support implicit function declarations", "bpf_strncmp")]
    [InlineData("call to undeclared library function 'sqrt' with type 'double (double)'; ISO C99 and later do not support implicit function declarations", "write it as a static function")]
    [InlineData("call to undeclared function 'htons'; ISO C99 and later do not support implicit function declarations", "<bpf/bpf_endian.h>")]
    public void A_function_of_the_C_library_says_what_to_write_instead(string text, string remedy)
    {
        string told = Explained(text, Nowhere);

        Assert.Contains("BPF programs have no C library", told, StringComparison.Ordinal);
        Assert.Contains(remedy, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_macro_of_our_headers_and_of_libbpf_has_a_header_that_defines_it()
    {
        using var folder = new TemporaryFolder();
        var macros = Headers().SelectMany(header => Macro().Matches(File.ReadAllText(header.Path)).Select(macro => (macro.Groups[1].Value, header.Name))).Distinct().ToArray();
        Assert.True(macros.Length > 100, $"{macros.Length} macros");

        Assert.All(macros, macro =>
        {
            string told = Explained($"call to undeclared function '{macro.Value}'; ISO C99 and later do not support implicit function declarations", Source(folder));

            Assert.Matches($"; #include <(hypermesh|bpf)/[a-z_.]+> defines {macro.Value}$", told);
        });

        // The header that is named has it, or another one that it includes.
        Assert.All(macros.GroupBy(macro => Included().Match(Explained($"use of undeclared identifier '{macro.Value}'", Source(folder))).Groups[1].Value), group =>
        {
            string file = Path.Combine(folder.Path, "x.c");
            File.WriteAllText(file, $"#include <linux/bpf.h>\n#include <linux/ptrace.h>\n#include <stdbool.h>\n#include <{group.Key}>\n" + string.Concat(group.Select(static macro => $"#ifndef {macro.Value}\n#warning lacks {macro.Value}\n#endif\n")));
            string[] lacking = Lacking(file);

            // What only other compilers, architectures or kernels have.
            Assert.True(lacking.Length <= group.Count() / 3, $"{group.Key} lacks {string.Join(", ", lacking)}");
        });
    }

    [Theory]
    [InlineData("ETH_P_IP", "linux/if_ether.h")]
    [InlineData("EPERM", "linux/errno.h")]
    [InlineData("ENAMETOOLONG", "linux/errno.h")]
    [InlineData("IPPROTO_TCP", "linux/in.h")]
    [InlineData("TC_ACT_SHOT", "linux/pkt_cls.h")]
    [InlineData("O_CREAT", "linux/fcntl.h")]
    [InlineData("CLONE_NEWNET", "linux/sched.h")]
    [InlineData("CAP_SYS_ADMIN", "linux/capability.h")]
    [InlineData("NF_ACCEPT", "linux/netfilter.h")]
    [InlineData("SIGKILL", "linux/signal.h")]
    [InlineData("PATH_MAX", "linux/limits.h")]
    [InlineData("SO_MARK", "asm/socket.h")]
    [InlineData("__be16", "linux/types.h")]
    public void A_constant_of_the_kernel_has_a_header_that_defines_it(string name, string header)
    {
        using var folder = new TemporaryFolder();

        Assert.EndsWith($"; #include <{header}> defines {name}", Explained($"use of undeclared identifier '{name}'", Nowhere), StringComparison.Ordinal);

        string file = Path.Combine(folder.Path, "x.c");
        File.WriteAllText(file, $"#include <{header}>\n__typeof__({name}) *x;\n");
        Assert.Empty(Lacking(file));
    }

    [Theory]
    [InlineData("incomplete definition of type 'struct ethhdr'", "linux/if_ether.h", "ethhdr")]
    [InlineData("variable has incomplete type 'struct iphdr'", "linux/ip.h", "iphdr")]
    [InlineData("invalid application of 'sizeof' to an incomplete type 'struct tcphdr'", "linux/tcp.h", "tcphdr")]
    public void A_struct_of_the_kernels_headers_has_its_header(string text, string header, string name)
        => Assert.Equal($"{text}; #include <{header}> defines {name}", Explained(text, Nowhere));

    [Theory]
    [InlineData("type specifier missing, defaults to 'int'; ISO C99 and later do not support implicit int [-Wimplicit-int]", "HM_RINGBUF(events, struct event, 4096);", "hypermesh/ringbuf.h", "HM_RINGBUF")]
    [InlineData("expected ';' after top level declarator", "__u64 seen HM_COUNTER(\"app.seen\");", "hypermesh/metric.h", "HM_COUNTER")]
    [InlineData("expected identifier", "int BPF_PROG(on_switch, _Bool preempt, struct task_struct *p)", "bpf/bpf_tracing.h", "BPF_PROG")]
    [InlineData("expected identifier", "int BPF_KPROBE(on_unlink, int dfd)", "bpf/bpf_tracing.h", "BPF_KPROBE")]
    [InlineData("use of undeclared identifier 'pid'", "\tint pid = BPF_CORE_READ(task, pid);", "bpf/bpf_core_read.h", "BPF_CORE_READ")]
    [InlineData("expected parameter declarator", "SEC(\"xdp\")", "bpf/bpf_helpers.h", "SEC")]
    [InlineData("type name requires a specifier or qualifier", "\t__uint(type, BPF_MAP_TYPE_HASH);", "bpf/bpf_helpers.h", "__uint")]
    [InlineData("unknown type name 'm'", "} m SEC(\".maps\");", "bpf/bpf_helpers.h", "SEC")]
    public void A_macro_that_clang_does_not_name_is_found_in_its_line(string text, string line, string header, string macro)
    {
        Assert.Equal($"{text}; #include <{header}> defines {macro}", UnknownName.Explain(text, Headers(Nowhere), () => line));
        Assert.Equal(text, UnknownName.Explain(text, Headers(Nowhere), static () => "int other(void)"));
    }

    [Fact]
    public void A_word_of_C_is_not_a_macro_although_a_header_defines_it()
        => Assert.Equal("expected expression", UnknownName.Explain("expected expression", Headers(Nowhere), static () => "\tuse(, sizeof(event->comm));"));

    [Fact]
    public void A_header_that_is_included_is_not_named_again()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "mine.h"), "#include <bpf/bpf_tracing.h>\n");
        string source = Source(folder, "#include \"mine.h\"\n");
        const string Text = "expected ')'";

        Assert.Equal(Text, UnknownName.Explain(Text, Headers(source), static () => "int BPF_PROG(on_switch, _Bool preempt)"));
        Assert.Contains("bpf_endian.h", UnknownName.Explain(Text, Headers(source), static () => "return bpf_htons(1;"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IFNAMSIZ", "<linux/if.h> has it, and needs the C library, which BPF programs do not have: write #define IFNAMSIZ 16")]
    [InlineData("ICMP_ECHO", "<linux/icmp.h> has it, and needs the C library, which BPF programs do not have: write #define ICMP_ECHO 8")]
    public void A_constant_whose_header_cannot_be_included_is_written(string name, string remedy)
        => Assert.EndsWith("; " + remedy, Explained($"use of undeclared identifier '{name}'", Nowhere), StringComparison.Ordinal);

    [Theory]
    [InlineData("ETH_P_IP", "vmlinux.h has no macros, and <linux/if_ether.h> cannot be included beside it: write #define ETH_P_IP 0x0800")]
    [InlineData("EPERM", "vmlinux.h has no macros, and <linux/errno.h> cannot be included beside it: write #define EPERM 1")]
    [InlineData("AF_INET", "write #define AF_INET 2")]
    [InlineData("bpf_htons", "#include <bpf/bpf_endian.h> defines bpf_htons")]
    public void Beside_vmlinux_a_constant_is_written_and_not_included(string name, string remedy)
    {
        using var folder = new TemporaryFolder();

        Assert.EndsWith("; " + remedy, Explained($"use of undeclared identifier '{name}'", Source(folder, "#include \"vmlinux.h\"\n")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown type name 'uint64_t'", "write __u64 of <linux/types.h>")]
    [InlineData("use of undeclared identifier 'int32_t'", "write __s32 of <linux/types.h>")]
    [InlineData("unknown type name 'u_int8_t'", "write __u8 of <linux/types.h>")]
    [InlineData("use of undeclared identifier 'size_t'; did you mean 'sizeof'?", "write unsigned long")]
    [InlineData("use of undeclared identifier 'true'", "write 1")]
    [InlineData("use of undeclared identifier 'AF_INET6'", "write #define AF_INET6 10")]
    [InlineData("use of undeclared identifier 'current'", "bpf_get_current_task_btf()")]
    [InlineData("call to undeclared function 'printk'; ISO C99 and later do not support implicit function declarations", "bpf_printk")]
    [InlineData("call to undeclared function 'min'; ISO C99 and later do not support implicit function declarations", "a < b ? a : b")]
    public void A_name_that_no_header_for_programs_has_says_what_to_write(string text, string remedy)
    {
        string told = Explained(text, Nowhere);

        Assert.Contains(remedy, told, StringComparison.Ordinal);
        Assert.DoesNotContain("did you mean", told, StringComparison.Ordinal);
    }

    [Fact]
    public void No_name_of_the_table_is_in_a_header_that_is_found_before_it()
        => Assert.Empty(ForeignName.All.Where(name => Explained($"use of undeclared identifier '{name}'", Nowhere).EndsWith($"defines {name}", StringComparison.Ordinal)).Except(["offsetof", "container_of", "barrier", "likely", "unlikely", "NULL"]));

    private static string Explained(string text, string source) => UnknownName.Explain(text, Headers(source), static () => "");

    private static DeclaringHeader Headers(string source) => new(source, static () => s_searched);

    private static IEnumerable<(string Path, string Name)> Headers()
        => Directory.GetFiles(Path.Combine(s_searched[0], "hypermesh"), "*.h").Select(static path => (path, "hypermesh/" + Path.GetFileName(path)))
            .Concat(s_libbpf.Select(static name => (Path.Combine("/usr/include/bpf", name), "bpf/" + name)));

    private static string Source(TemporaryFolder folder, string text = "#include <linux/bpf.h>\n")
    {
        string path = Path.Combine(folder.Path, "a.bpf.c");
        File.WriteAllText(path, text);
        return path;
    }

    // What a compilation that only reads the headers warns of.
    private static string[] Lacking(string file)
    {
        using var clang = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(PackedFeed.FindClang()!,
            ["-target", "bpf", "-g", "-D__TARGET_ARCH_x86", .. s_searched.Select(static path => "-I" + path), "-fsyntax-only", "-fno-caret-diagnostics", file]) { RedirectStandardError = true })!;
        string[] lines = clang.StandardError.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        clang.WaitForExit();
        return [.. lines.Where(static line => line.Contains("error:", StringComparison.Ordinal) || line.Contains("warning: lacks ", StringComparison.Ordinal))];
    }

    // Macros for users; those that begin with underscores are the headers' own, but for the parts of a map's definition.
    [GeneratedRegex(@"^#define ([A-Za-z]\w*(?<!_H)(?<!_H__)|__uint|__type|__array|__ksym|__kconfig|__weak|__always_inline)\b", RegexOptions.Multiline)]
    private static partial Regex Macro();

    [GeneratedRegex("#include <([^>]+)>")]
    private static partial Regex Included();
}
