using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>
/// The lessons of bpftrace's one-liner tutorial that need no kprobe, and lines of our own, beside bpftrace: both watch the same process from its start to its end, and count the same.
/// Lesson 1 is <c>hmbpf hooks</c> (OneLineTests), and 9 is <c>hmbpf profile</c> (ProfilerTests). Lesson 2 (BEGIN) has no form: a line without a hook watches nothing. 6, 7 and 12 are on kprobes:
/// MonitorBuilderTests runs them in the guests.
/// </summary>
public sealed class OneLinePeerTests
{
    private const string Name = "one-line-peer";
    private const string Mine = $"comm == \"{Name}\"";

    // The lesson, bpftrace's program, and ours.
    public static TheoryData<string, string, string[]> Lines => new()
    {
        { "3, file opens", $"tracepoint:syscalls:sys_enter_openat /{Mine}/ {{ @[str(args->filename)] = count(); }}", ["count", "tracepoint:syscalls:sys_enter_openat", "--by", "filename", "--where", Mine] },
        { "4, system calls by process", $"tracepoint:raw_syscalls:sys_enter /{Mine}/ {{ @[comm] = count(); }}", ["count", "t:raw_syscalls:sys_enter", "--by", "comm", "--where", Mine] },
        { "5, sizes of reads", $"tracepoint:syscalls:sys_exit_read /{Mine}/ {{ @ = hist(args->ret); }}", ["hist", "t:syscalls:sys_exit_read", "ret", "--where", Mine] },
        { "6, the same in linear slots", $"tracepoint:syscalls:sys_exit_read /{Mine}/ {{ @ = lhist(args->ret, 0, 2000, 200); }}", ["lhist", "t:syscalls:sys_exit_read", "ret", "0,2000,200", "--where", Mine] },
        { "8, events of the scheduler", $"tracepoint:sched:sched_process_* /{Mine}/ {{ @[probe] = count(); }}", ["count", "tracepoint:sched:sched_process_*", "--by", "probe", "--where", Mine] },
        { "calls by number", $"tracepoint:raw_syscalls:sys_enter /{Mine}/ {{ @[args->id] = count(); }}", ["count", "raw_syscalls:sys_enter", "--by", "id", "--where", Mine] },
        { "calls by a part of the number", $"tracepoint:raw_syscalls:sys_enter /{Mine} && args->id > 1/ {{ @[args->id & 7] = count(); }}", ["count", "raw_syscalls:sys_enter", "--by", "id & 7", "--where", $"{Mine} && id > 1"] },
        { "bytes written", $"tracepoint:syscalls:sys_exit_write /{Mine} && args->ret > 0/ {{ @ = sum(args->ret); }}", ["sum", "t:syscalls:sys_exit_write", "ret", "--where", $"{Mine} && ret > 0"] },
        { "calls that failed", $"tracepoint:raw_syscalls:sys_exit /{Mine} && args->ret < 0/ {{ @[args->ret] = count(); }}", ["count", "raw_syscalls:sys_exit", "--by", "ret", "--where", $"{Mine} && ret < 0"] },
        { "programs by file", $"tracepoint:sched:sched_process_exec /{Mine}/ {{ @[str(args->filename)] = count(); }}", ["count", "t:sched:sched_process_exec", "--by", "filename", "--where", Mine] },
        { "ends by the record's own name", $"tracepoint:sched:sched_process_exit /args->comm == \"{Name}\"/ {{ @[args->comm] = count(); }}", ["count", "sched:sched_process_exit", "--by", "args.comm", "--where", $"args.comm == \"{Name}\""] },
        { "calls of the first thread", $"tracepoint:raw_syscalls:sys_enter /{Mine} && pid == tid && uid == 0/ {{ @ = count(); }}", ["count", "raw_syscalls:sys_enter", "--where", $"{Mine} && pid == tid && uid == 0"] },
        { "calls by a text in a number's place", $"tracepoint:raw_syscalls:sys_exit /{Mine}/ {{ @[args->id, args->ret >= 0] = count(); }}", ["count", "raw_syscalls:sys_exit", "--by", "id,ret >= 0", "--where", Mine] },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_counts_what_bpftrace_counts(string what, string program, string[] line)
    {
        Peers.NeedBpftrace();
        (string theirs, string ours) = Watch(program, line);

        SortedDictionary<string, BigInteger> expected = OfBpftrace(theirs);
        Assert.True(expected.Values.Any(static count => !count.IsZero), $"{what}: bpftrace counted nothing: {theirs}");
        Assert.Equal(expected, OfHmbpf(ours));
    }

    [Fact]
    public void A_latency_has_the_calls_and_the_median_of_bpftrace()
    {
        Peers.NeedBpftrace();
        string program = $"tracepoint:syscalls:sys_enter_read /{Mine}/ {{ @s[tid] = nsecs; }} tracepoint:syscalls:sys_exit_read /@s[tid]/ {{ @ = hist(nsecs - @s[tid]); delete(@s[tid]); }}";
        (string theirs, string ours) = Watch(program, ["latency", "t:syscalls:sys_enter_read", "t:syscalls:sys_exit_read", "--where", Mine]);

        SortedDictionary<string, BigInteger> expected = OfBpftrace(theirs), found = OfHmbpf(ours);
        Assert.Equal(SlotCounts.Sum(expected), SlotCounts.Sum(found));
        Assert.InRange(SlotCounts.Quantile(found, 0.5) - SlotCounts.Quantile(expected, 0.5), -1, 1);
    }

    // Lesson 10. Ours has the innermost frame first, too.
    [Fact]
    public void Stacks_are_those_of_bpftrace()
    {
        Peers.NeedBpftrace();
        (string theirs, string ours) = Watch($"tracepoint:sched:sched_process_exit /{Mine}/ {{ @[kstack] = count(); }}", ["count", "t:sched:sched_process_exit", "--by", "kstack", "--where", Mine]);

        (string Stack, BigInteger Count) expected = Assert.Single(OfBpftrace(theirs).Select(static one => (one.Key, one.Value))), found = Assert.Single(OfHmbpf(ours).Select(static one => (one.Key, one.Value)));
        Assert.Equal(expected.Count, found.Count);
        Assert.NotEmpty(Functions(expected.Stack.Split('\n')));
        Assert.Equal(Functions(expected.Stack.Split('\n')), Functions([.. JsonDocument.Parse(found.Stack).RootElement.EnumerateArray().Select(static frame => frame.GetString()!)]));
    }

    // Names without the offset. Ours leaves out the functions of tracing itself, and each tool writes in its own way what has no name.
    private static string[] Functions(string[] frames)
        => [.. frames.Select(static frame => frame.Trim().Split('+')[0]).Where(static name => name.Length > 0 && !name.StartsWith("0x", StringComparison.Ordinal)).SkipWhile(static name => name.StartsWith("__traceiter_", StringComparison.Ordinal))];

    // Lesson 11.
    [Fact]
    public void Sizes_of_disk_requests_are_those_of_bpftrace()
    {
        Peers.NeedBpftrace();
        (string theirs, string ours) = Watch($"tracepoint:block:block_rq_issue /{Mine}/ {{ @ = hist(args->bytes); }}", ["hist", "t:block:block_rq_issue", "bytes", "--where", Mine],
            static folder => Peers.ReadDisk(folder, Name, ("4k", 60), ("16k", 50), ("128k", 40)));

        SortedDictionary<string, BigInteger> expected = OfBpftrace(theirs);
        Assert.True(SlotCounts.Sum(expected) >= 150, theirs);
        Assert.Equal(expected, OfHmbpf(ours));
    }

    private static (string Theirs, string Ours) Watch(string program, string[] line)
        => Watch(program, line, static folder => Peers.RunToEnd(folder, Name, "/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=300", "count=500"));

    private static (string Theirs, string Ours) Watch(string program, string[] line, Action<string> stimulus)
    {
        string folder = Directory.CreateTempSubdirectory("hmbpf-peer-").FullName;
        try
        {
            string[] outputs = Peers.Watch(() => stimulus(folder),
                [Peers.Bpftrace, "-q", "-f", "json", "-e", program], [Hmbpf.Dotnet, Hmbpf.Command, .. line, "--json"]);
            return (outputs[0], outputs[1]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // {"type": "map", "data": {"@": {"key": 5}}}, or {"@": 5}, or of a histogram {"@": [{"min": 1, "max": 1, "count": 5}]}.
    private static SortedDictionary<string, BigInteger> OfBpftrace(string output)
    {
        var counts = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach (JsonElement line in Peers.Objects(output).Where(static line => line.GetProperty("type").GetString() is "map" or "hist" && line.GetProperty("data").TryGetProperty("@", out _)))
        {
            JsonElement value = line.GetProperty("data").GetProperty("@");
            if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement slot in value.EnumerateArray().Where(static slot => slot.GetProperty("count").GetInt64() > 0))
                {
                    SlotCounts.Add(counts, SlotCounts.OfBpftrace(slot), slot.GetProperty("count").GetInt64());
                }
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty entry in value.EnumerateObject())
                {
                    // A probe is a tracepoint here; ours leaves the word out.
                    SlotCounts.Add(counts, entry.Name.Replace("tracepoint:", "", StringComparison.Ordinal), entry.Value.GetInt64());
                }
            }
            else
            {
                SlotCounts.Add(counts, "", value.GetInt64());
            }
        }

        return counts;
    }

    private static SortedDictionary<string, BigInteger> OfHmbpf(string output)
    {
        var counts = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        JsonElement map = Assert.Single(Peers.Objects(output)[^1].GetProperty("maps").EnumerateObject()).Value;
        foreach (JsonElement entry in map.EnumerateArray())
        {
            JsonElement value = entry.GetProperty("value");
            if (value.ValueKind == JsonValueKind.Object)
            {
                bool isLinear = value.TryGetProperty("linear", out JsonElement slots);
                JsonElement[] all = [.. (isLinear ? slots : value.GetProperty("slots")).EnumerateArray()];
                for (int i = 0; i < all.Length; i++)
                {
                    SlotCounts.Add(counts, isLinear ? $"from {(i - 1) * 200}" : i.ToString(CultureInfo.InvariantCulture), all[i].GetInt64());
                }

                continue;
            }

            JsonElement key = entry.GetProperty("key");
            SlotCounts.Add(counts, key.ValueKind == JsonValueKind.Object ? string.Join(',', key.EnumerateObject().Select(static part => part.Value.ToString())) : "", value.GetInt64());
        }

        return counts;
    }
}
