using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>
/// The lessons of bpftrace's one-liner tutorial that need no kprobe, and lines of our own, beside bpftrace: both watch the same process from its start to its end, and count the same.
/// Lessons 2 (BEGIN), 9 and 10 (stacks) have no form yet; 6, 7 and 12 are on kprobes, which tests/kernel runs in the guests; 11 needs a disk that nobody else uses.
/// </summary>
public sealed class OneLinePeerTests
{
    private const string Name = "one-line-peer";
    private const string Bpftrace = "/usr/bin/bpftrace";
    private const string Mine = $"comm == \"{Name}\"";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

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
        Hmbpf.NeedsRoot();
        Assert.SkipUnless(File.Exists(Bpftrace), "bpftrace is not installed: there is nothing to compare with");
        (string theirs, string ours) = Watch([Bpftrace, "-q", "-f", "json", "-e", program], [Hmbpf.Dotnet, Hmbpf.Command, .. line, "--json"]);

        SortedDictionary<string, BigInteger> expected = OfBpftrace(theirs);
        Assert.True(expected.Values.Any(static count => !count.IsZero), $"{what}: bpftrace counted nothing: {theirs}");
        Assert.Equal(expected, OfHmbpf(ours));
    }

    [Fact]
    public void A_latency_has_the_calls_and_the_median_of_bpftrace()
    {
        Hmbpf.NeedsRoot();
        Assert.SkipUnless(File.Exists(Bpftrace), "bpftrace is not installed: there is nothing to compare with");
        string program = $"tracepoint:syscalls:sys_enter_read /{Mine}/ {{ @s[tid] = nsecs; }} tracepoint:syscalls:sys_exit_read /@s[tid]/ {{ @ = hist(nsecs - @s[tid]); delete(@s[tid]); }}";
        (string theirs, string ours) = Watch([Bpftrace, "-q", "-f", "json", "-e", program], [Hmbpf.Dotnet, Hmbpf.Command, "latency", "t:syscalls:sys_enter_read", "t:syscalls:sys_exit_read", "--where", Mine, "--json"]);

        SortedDictionary<string, BigInteger> expected = OfBpftrace(theirs), found = OfHmbpf(ours);
        Assert.Equal(Sum(expected), Sum(found));
        Assert.InRange(Median(found) - Median(expected), -1, 1);
    }

    private static BigInteger Sum(SortedDictionary<string, BigInteger> slots) => slots.Values.Aggregate(BigInteger.Zero, static (sum, one) => sum + one);

    private static int Median(SortedDictionary<string, BigInteger> slots)
    {
        BigInteger half = Sum(slots) / 2, seen = 0;
        foreach ((int slot, BigInteger count) in slots.Select(static one => (int.Parse(one.Key, CultureInfo.InvariantCulture), one.Value)).OrderBy(static one => one.Item1))
        {
            seen += count;
            if (seen > half)
            {
                return slot;
            }
        }

        throw new InvalidOperationException("there are no calls");
    }

    // Runs both in a mount namespace with tracefs, and between their start and their end the process that they watch.
    private static (string Theirs, string Ours) Watch(string[] theirs, string[] ours)
    {
        string folder = Directory.CreateTempSubdirectory("hmbpf-peer-").FullName;
        var tools = new List<(Process Process, Task<string> Output, Task<string> Error)>();
        try
        {
            string stimulus = Path.Combine(folder, Name);
            File.CreateSymbolicLink(stimulus, "/bin/dd");
            foreach (string[] command in (string[][])[theirs, ours])
            {
                var start = new ProcessStartInfo("unshare", ["-m", "sh", "-c", "mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; exec env --default-signal=INT \"$@\"", "sh", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
                Process process = Process.Start(start)!;
                tools.Add((process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()));
            }

            foreach ((Process process, _, Task<string> error) in tools)
            {
                Attached(process, error);
            }

            using (Process one = Process.Start(new ProcessStartInfo(stimulus, ["if=/dev/zero", "of=/dev/null", "bs=300", "count=500"]) { RedirectStandardError = true })!)
            {
                one.StandardError.ReadToEnd();
                one.WaitForExit();
            }

            Assert.All(tools, static tool => Interrupt(tool.Process));
            Assert.True(tools[1].Process.ExitCode == 0, tools[1].Error.Result);
            return (tools[0].Output.Result, tools[1].Output.Result);
        }
        finally
        {
            foreach ((Process process, _, _) in tools)
            {
                if (!process.HasExited)
                {
                    process.Kill();
                }

                process.Dispose();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    // Again where it does not end: bpftrace attaches before it handles the signal.
    private static void Interrupt(Process process)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < s_patience;)
        {
            using Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            interrupt.WaitForExit();
            if (process.WaitForExit(TimeSpan.FromSeconds(3)))
            {
                return;
            }
        }

        Assert.Fail("a tool does not end");
    }

    // Their descriptors say so: a link, or for the tracepoints of an old bpftrace a perf event. All are there when no more come.
    private static void Attached(Process process, Task<string> error)
    {
        var waited = Stopwatch.StartNew();
        int last = -1;
        while (true)
        {
            Assert.False(process.HasExited, process.HasExited ? error.Result : "");
            Assert.True(waited.Elapsed < s_patience, "nothing was attached");
            int events = Directory.EnumerateFiles($"/proc/{process.Id}/fd").Select(Target).Count(static target => target.Contains("perf_event", StringComparison.Ordinal) || target.Contains("bpf_link", StringComparison.Ordinal));
            if (events > 0 && events == last)
            {
                return;
            }

            last = events;
            Thread.Sleep(300);
        }
    }

    // Empty where the descriptor was closed meanwhile.
    private static string Target(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    // {"type": "map", "data": {"@": {"key": 5}}}, or {"@": 5}, or of a histogram {"@": [{"min": 1, "max": 1, "count": 5}]}.
    private static SortedDictionary<string, BigInteger> OfBpftrace(string output)
    {
        var counts = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach (JsonElement line in Objects(output).Where(static line => line.GetProperty("type").GetString() is "map" or "hist" && line.GetProperty("data").TryGetProperty("@", out _)))
        {
            JsonElement value = line.GetProperty("data").GetProperty("@");
            if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement slot in value.EnumerateArray().Where(static slot => slot.GetProperty("count").GetInt64() > 0))
                {
                    Add(counts, Slot(slot), slot.GetProperty("count").GetInt64());
                }
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty entry in value.EnumerateObject())
                {
                    // A probe is a tracepoint here; ours leaves the word out.
                    Add(counts, entry.Name.Replace("tracepoint:", "", StringComparison.Ordinal), entry.Value.GetInt64());
                }
            }
            else
            {
                Add(counts, "", value.GetInt64());
            }
        }

        return counts;
    }

    private static SortedDictionary<string, BigInteger> OfHmbpf(string output)
    {
        var counts = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        JsonElement map = Assert.Single(Objects(output)[^1].GetProperty("maps").EnumerateObject()).Value;
        foreach (JsonElement entry in map.EnumerateArray())
        {
            JsonElement value = entry.GetProperty("value");
            if (value.ValueKind == JsonValueKind.Object)
            {
                bool isLinear = value.TryGetProperty("linear", out JsonElement slots);
                JsonElement[] all = [.. (isLinear ? slots : value.GetProperty("slots")).EnumerateArray()];
                for (int i = 0; i < all.Length; i++)
                {
                    Add(counts, isLinear ? $"from {(i - 1) * 200}" : i.ToString(CultureInfo.InvariantCulture), all[i].GetInt64());
                }

                continue;
            }

            JsonElement key = entry.GetProperty("key");
            Add(counts, key.ValueKind == JsonValueKind.Object ? string.Join(',', key.EnumerateObject().Select(static part => part.Value.ToString())) : "", value.GetInt64());
        }

        return counts;
    }

    private static void Add(SortedDictionary<string, BigInteger> counts, string key, long count)
    {
        if (count != 0)
        {
            counts[key] = counts.GetValueOrDefault(key) + count;
        }
    }

    // Powers of two by their number; our first one holds 0 too. Linear ones have a width of 200, and the last one no end.
    private static string Slot(JsonElement slot)
    {
        long least = slot.TryGetProperty("min", out JsonElement from) ? from.GetInt64() : -200;
        bool isLinear = !slot.TryGetProperty("max", out JsonElement to) || to.GetInt64() - least == 199;
        return isLinear ? $"from {least}" : (least <= 1 ? 0 : BitOperations.Log2((ulong)least)).ToString(CultureInfo.InvariantCulture);
    }

    private static JsonElement[] Objects(string output)
        => [.. output.Split('\n').Where(static line => line.StartsWith('{')).Select(static line => JsonDocument.Parse(line).RootElement)];
}
