using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Explains what to write in place of a function or a header of the C library, which BPF does not have.</summary>
internal static class CLibrary
{
    private const string None = "BPF programs have no C library";
    private const string Compare = "bpf_strncmp(a, sizeof(a), \"text\") compares with a constant text (5.17), __builtin_memcmp compares few bytes, and a loop over the bytes compares on any kernel";
    private const string Copy = "__builtin_memcpy, __builtin_memset and __builtin_memmove take a constant size";
    private const string Text = "bpf_probe_read_kernel_str(to, sizeof(to), from) copies a text and returns its length with the final 0";
    private const string Print = "bpf_printk(\"%d\", x) writes to the trace pipe, BPF_SNPRINTF of <bpf/bpf_tracing.h> (5.13) into a buffer";
    private const string Search = "search in a loop over the bytes with a constant bound";
    private const string Memory = "keep memory in a map or in a global variable";
    private const string Time = "bpf_ktime_get_ns() returns the time";
    private const string Process = "bpf_get_current_pid_tgid() >> 32 is the process, and bpf_get_current_uid_gid() the user";
    private const string Integers = "<linux/types.h> has integers of a fixed size: __u8, __u16, __u32, __u64, __s32, __s64";
    private const string Network = "<linux/in.h>, <linux/ip.h> and <linux/if_ether.h> have the structs, and <bpf/bpf_endian.h> has bpf_htons, bpf_ntohs, bpf_htonl and bpf_ntohl";

    private static readonly Regex s_undeclared = new("^(call to undeclared|implicit declaration of|implicitly declaring) library function '(?<name>\\w+)'|^call to undeclared function '(?<name>\\w+)'", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_advice = new("^include the header <[\\w./]+> or explicitly provide a declaration", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_machine = new("^[^/]+-linux-[^/]+/", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static readonly Dictionary<string, string> s_functions = NameTable.Of(
        ("strcmp strncmp strcasecmp memcmp", Compare),
        ("memcpy memset memmove bzero", Copy),
        ("strcpy strncpy strlcpy stpcpy strcat strncat strlen strnlen strdup", Text),
        ("strstr strchr strrchr strtok memchr strspn strcspn", Search),
        ("printf fprintf puts putchar sprintf snprintf perror", Print),
        ("malloc calloc realloc free alloca", Memory),
        ("time gettimeofday clock clock_gettime", Time),
        ("sleep usleep nanosleep", "a program cannot wait: wait in C#, or start a bpf_timer (5.15)"),
        ("getpid getppid gettid getuid", Process),
        ("rand random srand", "bpf_get_prandom_u32() returns a random number"),
        ("exit abort assert", "end the program with return"),
        ("htons ntohs htonl ntohl", Network));

    private static readonly Dictionary<string, string> s_headers = NameTable.Of(
        ("string.h strings.h memory.h", $"{Compare}; {Copy}"),
        ("stdint.h inttypes.h sys/types.h", Integers),
        ("stdbool.h", "write _Bool"),
        ("stdio.h", Print),
        ("stdlib.h malloc.h", Memory),
        ("time.h sys/time.h", Time),
        ("unistd.h sys/syscall.h", Process),
        ("errno.h", "<linux/errno.h> has the error numbers"),
        ("arpa/inet.h netinet/in.h netinet/ip.h netinet/tcp.h netinet/udp.h net/ethernet.h netinet/if_ether.h netdb.h", Network),
        ("sys/socket.h", "<linux/socket.h> has the structs; AF_INET is 2 and AF_INET6 is 10"),
        ("net/if.h", "<linux/if.h> has the structs"),
        ("assert.h", "end the program with return"));

    private static readonly HashSet<string> s_otherHeaders = new(StringComparer.Ordinal)
    {
        "ctype.h", "fcntl.h", "locale.h", "math.h", "poll.h", "pthread.h", "sched.h", "setjmp.h", "signal.h", "wchar.h", "sys/ioctl.h", "sys/mman.h", "sys/stat.h", "sys/wait.h",
    };

    /// <summary>Explains what to write in place of a function of the C library; null for a message about something else.</summary>
    public static string? OfFunction(string text)
    {
        Match match = s_undeclared.Match(text);
        string name = match.Groups["name"].Value;
        return !match.Success ? null
            : s_functions.TryGetValue(name, out string? instead) ? $"{None}, so {name} does not exist: {instead}"
            : text.Contains(" library function ") ? $"{None}, so {name} does not exist: write it as a static function"
            : null;
    }

    /// <summary>Explains what to write in place of a header of the C library; null for another header.</summary>
    public static string? OfHeader(string header)
        => s_headers.TryGetValue(header, out string? instead) ? $"{None}: remove #include <{header}>. Instead, {instead}"
            : s_otherHeaders.Contains(header) ? $"{None}: remove #include <{header}>"
            : null;

    /// <summary>Returns true for clang's advice to include a header of the C library.</summary>
    public static bool IsMisleading(ClangDiagnostic note) => note.Kind == ClangDiagnosticKind.Note && s_advice.IsMatch(note.Text);

    /// <summary>
    /// Moves an error within the C library's headers to the line that includes the first of them. They fail at a header for another machine than BPF, such as <c>gnu/stubs-32.h</c>.
    /// </summary>
    public static ClangDiagnostic AtInclude(ClangDiagnostic diagnostic)
    {
        if (diagnostic.Kind != ClangDiagnosticKind.Error || !diagnostic.Text.Contains("file not found"))
        {
            return diagnostic;
        }

        for (int i = 0; i < diagnostic.IncludedFrom.Count; i++)
        {
            string header = NameOf(i + 1 < diagnostic.IncludedFrom.Count ? diagnostic.IncludedFrom[i + 1].File : diagnostic.File!);
            if (OfHeader(header) is { } remedy)
            {
                (string file, int line) = diagnostic.IncludedFrom[i];
                return diagnostic with { File = file, Line = line, Column = 1, Text = $"<{header}> cannot be included; {remedy}" };
            }
        }

        return diagnostic;
    }

    // As a #include names it: without the folder of headers or the folder of an architecture.
    private static string NameOf(string path)
    {
        const string Folder = "/include/";
        int at = path.LastIndexOf(Folder, StringComparison.Ordinal);
        return at < 0 ? path : s_machine.Replace(path.Substring(at + Folder.Length), "");
    }
}
