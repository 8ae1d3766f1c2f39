using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>
/// Explains what to do where a macro does not exist: one of bcc, which rewrites C before it compiles it, or one of a newer libbpf. clang does not name it, and reports that the line is not C.
/// </summary>
internal static class MissingMacro
{
    private const string Guide = "; the guide migrating.md shows the rest";

    private static readonly Regex s_sentence = Of("^(type specifier missing, defaults to 'int'|a type specifier is required|a parameter list without types is only allowed|unexpected type name '|expected identifier|expected parameter declarator|expected '\\)'|use of undeclared identifier '|no member named ')");
    private static readonly Regex s_table = Of("^\\s*(?<macro>BPF_(HASH|LRU_HASH|PERCPU_HASH|TABLE|TABLE_PUBLIC|ARRAY|PERCPU_ARRAY|HISTOGRAM|STACK_TRACE|PERF_ARRAY|PROG_ARRAY|LPM_TRIE|QUEUE|STACK|DEVMAP|CPUMAP|XSKMAP|HASH_OF_MAPS|ARRAY_OF_MAPS|SK_STORAGE|INODE_STORAGE|TASK_STORAGE))\\s*\\(");
    private static readonly Regex s_output = Of("^\\s*(?<macro>BPF_PERF_OUTPUT|BPF_RINGBUF_OUTPUT)\\s*\\(");
    private static readonly Regex s_method = Of("\\b(?<map>\\w+)\\.(?<method>perf_submit|ringbuf_output|ringbuf_reserve|ringbuf_submit|increment|atomic_increment|lookup|lookup_or_try_init|lookup_or_init|update|insert|delete|get_stackid)\\s*\\(");
    private static readonly Regex s_function = Of("^\\s*(?<type>int)\\s+(?<macro>BPF_(UPROBE|URETPROBE|KSYSCALL|USDT|KPROBE_SYSCALL))\\s*\\(");

    private static readonly Dictionary<string, string> s_methods = new(StringComparer.Ordinal)
    {
        ["perf_submit"] = "bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &data, sizeof(data)), or hm_output of <hypermesh/ringbuf.h> for a ring buffer",
        ["ringbuf_output"] = "hm_output(events, data) of <hypermesh/ringbuf.h>",
        ["ringbuf_reserve"] = "hm_reserve(events) of <hypermesh/ringbuf.h>",
        ["ringbuf_submit"] = "bpf_ringbuf_submit(event, 0)",
        ["increment"] = "bpf_map_lookup_elem and __sync_fetch_and_add",
        ["atomic_increment"] = "bpf_map_lookup_elem and __sync_fetch_and_add",
        ["lookup"] = "bpf_map_lookup_elem(&map, &key)",
        ["lookup_or_try_init"] = "bpf_map_update_elem(&map, &key, &zero, BPF_NOEXIST), then bpf_map_lookup_elem(&map, &key)",
        ["lookup_or_init"] = "bpf_map_update_elem(&map, &key, &zero, BPF_NOEXIST), then bpf_map_lookup_elem(&map, &key)",
        ["update"] = "bpf_map_update_elem(&map, &key, &value, BPF_ANY)",
        ["insert"] = "bpf_map_update_elem(&map, &key, &value, BPF_NOEXIST)",
        ["delete"] = "bpf_map_delete_elem(&map, &key)",
        ["get_stackid"] = "bpf_get_stackid(ctx, &stacks, 0)",
    };

    private static readonly Dictionary<string, string> s_functions = new(StringComparer.Ordinal)
    {
        ["BPF_UPROBE"] = "the installed libbpf has no BPF_UPROBE (it came with 1.2): write BPF_KPROBE, which is the same",
        ["BPF_URETPROBE"] = "the installed libbpf has no BPF_URETPROBE (it came with 1.2): write BPF_KRETPROBE, which is the same",
        ["BPF_KSYSCALL"] = "the installed libbpf has no BPF_KSYSCALL (it came with 1.0): write BPF_KPROBE_SYSCALL, or install a newer libbpf-dev",
        ["BPF_KPROBE_SYSCALL"] = "BPF_KPROBE_SYSCALL is in <bpf/bpf_tracing.h> of libbpf 0.8 and newer",
        ["BPF_USDT"] = "#include <bpf/usdt.bpf.h> declares it",
    };

    /// <summary>Returns the remedy; null for a line without such a macro.</summary>
    /// <param name="text">clang's text.</param>
    /// <param name="lineOf">Returns the line of C that it is about; empty where that cannot be read.</param>
    public static string? Remedy(string text, Func<string> lineOf)
    {
        if (!s_sentence.IsMatch(text))
        {
            return null;
        }

        string line = lineOf();
        return s_table.Match(line) is { Success: true } table ? $"{table.Groups["macro"].Value} is of bcc. Declare the map as struct {{ __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, __u32); __type(value, __u64); }} name SEC(\".maps\"); with its own type{Guide}"
            : s_output.Match(line) is { Success: true } output ? $"{output.Groups["macro"].Value} is of bcc. Write HM_RINGBUF(events, struct event, 256 * 1024); of <hypermesh/ringbuf.h>{Guide}"
            : s_method.Match(line) is { Success: true } method && (text.StartsWith($"use of undeclared identifier '{method.Groups["map"].Value}'", StringComparison.Ordinal) || text.StartsWith($"no member named '{method.Groups["method"].Value}'", StringComparison.Ordinal))
                ? $"maps have methods in bcc only. Write {s_methods[method.Groups["method"].Value]}{Guide}"
            : text.StartsWith("expected ", StringComparison.Ordinal) && s_function.Match(line) is { Success: true } function ? s_functions[function.Groups["macro"].Value]
            : null;
    }

    private static Regex Of(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
