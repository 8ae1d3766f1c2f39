using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Compilation;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>
/// Each template beside bpftrace's tool of the same name, as Debian installs it: both watch the same process from its start to its end, and count the same.
/// Two tools are changed before they run. pidpersec.bt counts what all of the machine starts, so its count is limited to the stimulus, and is not cleared each second.
/// runqlat.bt includes linux/sched.h, which bpftrace 0.17 cannot parse with these headers, and counts all tasks: the header's one constant is put in its place, and its
/// histogram is limited to the stimulus. The others are unchanged, and what the stimulus caused is selected from their output by its command.
/// </summary>
public sealed class TemplatePeerTests : IDisposable
{
    private const string Name = "template-peer";
    private const string Perl = "/usr/bin/perl";

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-peer-").FullName;

    public static TheoryData<string> Names => [.. BpfTemplate.All.Select(static template => template.Name)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_template_counts_what_the_tool_of_bpftrace_counts(string name)
    {
        Peers.NeedBpftrace();
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the stimulus makes system calls by their numbers on x86-64");
        Assert.SkipUnless(File.Exists(Tool(name)), $"{Tool(name)} is not installed: there is nothing to compare with");
        switch (name)
        {
            case "bitesize":
                SizesOfRequests();
                break;
            case "execsnoop":
                Events(name, """for (1..100) { my $child = fork; if (!$child) { exec { "/bin/true" } "template-peer-ok", $_, "of 100" } waitpid $child, 0 } for (1..50) { exec { "/nonexistent/template-peer" } "/nonexistent/template-peer" }""",
                    "(template-peer-ok [0-9]+ of 100|/nonexistent/template-peer)$", static one => Text(one, "arguments").StartsWith("template-peer-ok", StringComparison.Ordinal) || Text(one, "arguments").StartsWith("/nonexistent/template-peer", StringComparison.Ordinal) ? Text(one, "arguments") : null, least: 150);
                break;
            case "killsnoop":
                Events(name, """$SIG{USR1} = sub { }; for (1..200) { kill 0, $$; kill 0, 2000000000; kill "USR1", $$ }""",
                    $@"\d+ +{Name} +(-?\d+) +(-?\d+) +(-?\d+)$", static one => IsMine(one) ? $"{Number(one, "signal")} {Number(one, "target")} {Number(one, "result")}" : null, least: 600);
                break;
            case "naptime":
                Events(name, """sub nap { my $time = pack("q q", @_); syscall(35, $time, 0) } nap(0, 1000000 + 10000 * $_) for (1..100); nap(0, 0); nap(1, 250000000);""",
                    $@"\d+ +{Name} +(\d+\.\d+)$", static one => IsMine(one) ? $"{Number(one, "ns") / 1_000_000_000}.{Number(one, "ns") / 1_000_000 % 1000:D3}" : null, least: 101);
                break;
            case "opensnoop":
                Events(name, """for (1..200) { open(my $none, "<", "/nonexistent/$_"); open(my $file, "<", "/etc/passwd"); close $file }""",
                    $@"^\d+ +{Name} +(-?\d+) +(\d+) (.*)$", static one => IsMine(one) ? $"{Math.Max(Number(one, "result"), -1)} {Math.Max(-Number(one, "result"), 0)} {Text(one, "path")}" : null, least: 400);
                break;
            case "pidpersec":
                ProcessesStarted();
                break;
            case "runqlat":
                WaitsForCpu();
                break;
            case "statsnoop":
                // It does not see newfstatat, which is what libraries use for stat: those are compared with the stimulus's own count.
                JsonElement[] asked = Events(name, """my $into = "\0" x 256; for (1..100) { for my $one ("/", "/nonexistent/$_") { my $path = $one; syscall(4, $path, $into); syscall(6, $path, $into); syscall(137, $path, $into); syscall(332, -100, $path, 0, 0xfff, $into) } my $at = "/nonexistent/at"; syscall(262, -100, $at, $into, 0) }""",
                    $@"^\d+ +{Name} +(\d+) (.*)$", static one => IsMine(one) && Text(one, "call") != "NEWFSTATAT" ? $"{-Number(one, "result")} {Text(one, "path")}" : null, least: 800);
                Assert.Equal(100, asked.Count(static one => IsMine(one) && (Text(one, "call"), Text(one, "path"), Number(one, "result")) == ("NEWFSTATAT", "/nonexistent/at", -2)));
                break;
            case "syncsnoop":
                Events(name, """open(my $file, "<", "/etc/passwd"); my $fd = fileno $file; for (1..50) { syscall(74, $fd); syscall(75, $fd); syscall(277, $fd, 0, 0, 0); syscall(26, 0, 0, 1); syscall(74, -1) } syscall(306, $fd); syscall(162);""",
                    $@"\d+ +{Name} +tracepoint:syscalls:sys_enter_(\w+)$", static one => IsMine(one) ? Text(one, "call").ToLowerInvariant() : null, least: 252);
                break;
            case "syscount":
                CallsByNumber();
                break;
            default:
                Assert.Fail($"there is no comparison for {name}");
                break;
        }
    }

    // Both print a line an event; a key is what a line says of its event. bpftrace's lines begin with the time, which it prints apart: that of another CPU's event can come between.
    private JsonElement[] Events(string name, string script, string theirLine, Func<JsonElement, string?> ourKey, int least)
    {
        (string theirs, string ours) = Watch(name, Tool(name), [], () => RunPerl(script));
        JsonElement[] lines = Peers.Objects(ours), events = [.. lines[..^1].Select(static line => line.GetProperty("event"))];
        var expected = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        var found = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach (Match one in Regex.Matches(theirs, theirLine, RegexOptions.Multiline))
        {
            SlotCounts.Add(expected, string.Join(' ', one.Groups.Values.Skip(1).Select(static part => part.Value)).TrimEnd(), 1);
        }

        foreach (string key in events.Select(ourKey).OfType<string>())
        {
            SlotCounts.Add(found, key.TrimEnd(), 1);
        }

        Assert.True(SlotCounts.Sum(expected) >= least, $"bpftrace saw {SlotCounts.Sum(expected)} events: {theirs}");
        Assert.Equal(expected, found);
        Assert.Equal(0, lines[^1].GetProperty("dropped").GetInt32());
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {SlotCounts.Sum(found)} events, {found.Count} kinds");
        return events;
    }

    private void SizesOfRequests()
    {
        (string theirs, string ours) = Watch("bitesize", Tool("bitesize"), ["-f", "json"], () => Peers.ReadDisk(_folder, Name, ("4k", 60), ("16k", 50), ("128k", 40)));
        var expected = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        long preempted = Peers.Objects(theirs).Where(static line => line.GetProperty("type").GetString() == "map").Sum(static line => line.GetProperty("data").TryGetProperty("@preempted", out JsonElement count) ? count.GetInt64() : 0);
        foreach (JsonElement slot in Peers.Objects(theirs).Single(static line => line.GetProperty("type").GetString() == "hist").GetProperty("data").GetProperty("@").GetProperty(Name).EnumerateArray())
        {
            SlotCounts.Add(expected, SlotCounts.OfBpftrace(slot), slot.GetProperty("count").GetInt64());
        }

        JsonElement found = Peers.Objects(ours)[^1].GetProperty("maps").GetProperty("sizes").EnumerateArray().Single(static one => Text(one.GetProperty("key"), "comm") == Name).GetProperty("value");
        Assert.Equal(expected, Slots(found));
        Assert.Equal(SlotCounts.Sum(expected), Number(found, "count"));
        TestContext.Current.TestOutputHelper?.WriteLine($"bitesize: {Number(found, "count")} requests, {Number(found, "total_bytes")} bytes");
    }

    private void ProcessesStarted()
    {
        string tool = Changed("pidpersec", ("tracepoint:sched:sched_process_fork", $"tracepoint:sched:sched_process_fork /comm == \"{Name}\"/"), ("\tclear(@);\n", ""));
        (string theirs, string ours) = Watch("pidpersec", tool, [], () => RunPerl("for (1..300) { my $child = fork; exit 0 if !$child; waitpid $child, 0 }"));

        long expected = long.Parse(Regex.Matches(theirs, @"@: (\d+)")[^1].Groups[1].Value, CultureInfo.InvariantCulture);
        JsonElement maps = Peers.Objects(ours)[^1].GetProperty("maps");
        JsonElement found = maps.GetProperty("by_command").EnumerateArray().Single(static one => Text(one.GetProperty("key"), "comm") == Name).GetProperty("value");
        Assert.Equal((300, 300, 0), (expected, Number(found, "processes"), Number(found, "threads")));
        TestContext.Current.TestOutputHelper?.WriteLine($"pidpersec: {expected} processes of the stimulus");

        // The seconds have all commands.
        Assert.Equal(Started(maps.GetProperty("by_command")), Started(maps.GetProperty("by_second")));

        static (long, long) Started(JsonElement map) => (map.EnumerateArray().Sum(static one => Number(one.GetProperty("value"), "processes")), map.EnumerateArray().Sum(static one => Number(one.GetProperty("value"), "threads")));
    }

    private void CallsByNumber()
    {
        // A number that no system call has, and that nothing else calls. The tool prints its ten greatest counts.
        const int Unused = 500, Calls = 200_000;
        (string theirs, string ours) = Watch("syscount", Tool("syscount"), [], () => RunPerl($"syscall({Unused}) for (1..{Calls});"));

        JsonElement maps = Peers.Objects(ours)[^1].GetProperty("maps");
        long byNumber = Number(maps.GetProperty("by_number").EnumerateArray().Single(static one => Number(one, "key") == Unused), "value");
        long byCommand = Number(maps.GetProperty("calls").EnumerateArray().Single(static one => Text(one.GetProperty("key"), "comm") == Name), "value");
        Assert.Equal((Calls, Of($@"@syscall\[{Unused}\]: (\d+)")), (byNumber, byNumber));
        Assert.Equal(Of($@"@process\[{Name}\]: (\d+)"), byCommand);
        TestContext.Current.TestOutputHelper?.WriteLine($"syscount: {byNumber} calls of one number, {byCommand} of the command");

        long Of(string pattern) => long.Parse(Assert.Single(Regex.Matches(theirs, pattern)).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    // The stimulus waits for its input until both are attached, and again until both have ended. bpftrace's tool does not see the waits of a task that was preempted: the kernel
    // hands tracepoints another state for it than TASK_RUNNING. Ours counts those too; the tool gets a line that counts them. Of the voluntary switches each ends with a wait, but for one now and
    // then whose wake-up neither of the two sees; and a sleep can end before the process has left its CPU: it is then no switch, or one that the kernel counts with the involuntary ones.
    private void WaitsForCpu()
    {
        // TASK_REPORT_MAX of the kernel.
        const int Preempted = 0x100;
        string script = Path.Combine(_folder, "script.pl");
        File.WriteAllText(script, "$| = 1; print \"ready\\n\"; <STDIN>; for (1..500) { select(undef, undef, undef, 0.001) } print \"done\\n\"; <STDIN>;");
        using Process stimulus = Peers.Start(_folder, Name, Perl, script);
        Assert.Equal("ready", stimulus.StandardOutput.ReadLine());
        (long Voluntary, long Forced) before = Switches(stimulus.Id), after = default;
        string tool = Changed("runqlat", ("#include <linux/sched.h>", "#define TASK_RUNNING 0"), ("if ($ns) {", $"if (args->prev_pid == {stimulus.Id} && args->prev_state == {Preempted}) {{ @preempted = count(); }} if ($ns && args->next_pid == {stimulus.Id}) {{"));
        (string theirs, string ours) = Watch("runqlat", tool, ["-f", "json"], () =>
        {
            stimulus.StandardInput.WriteLine("go");
            stimulus.StandardInput.Flush();
            Assert.Equal("done", stimulus.StandardOutput.ReadLine());
            after = Switches(stimulus.Id);
        }, "--set", $"pid={stimulus.Id}");
        stimulus.StandardInput.Close();
        stimulus.WaitForExit();

        var expected = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        long preempted = Peers.Objects(theirs).Where(static line => line.GetProperty("type").GetString() == "map").Sum(static line => line.GetProperty("data").TryGetProperty("@preempted", out JsonElement count) ? count.GetInt64() : 0);
        foreach (JsonElement slot in Peers.Objects(theirs).Single(static line => line.GetProperty("type").GetString() == "hist").GetProperty("data").GetProperty("@usecs").EnumerateArray())
        {
            SlotCounts.Add(expected, SlotCounts.OfBpftrace(slot), slot.GetProperty("count").GetInt64());
        }

        JsonElement latency = Assert.Single(Peers.Objects(ours)[^1].GetProperty("maps").GetProperty("latency").EnumerateArray()).GetProperty("value");
        SortedDictionary<string, BigInteger> found = Slots(latency);
        long slept = after.Voluntary - before.Voluntary, forced = after.Forced - before.Forced;
        string figures = $"runqlat: {Number(latency, "count")} waits; bpftrace {SlotCounts.Sum(expected)}; switches away from the process {slept} voluntary, {forced} not, {preempted} of them preempted";
        Assert.True(slept > 400, figures);
        Assert.InRange(preempted, 0, forced);
        Assert.InRange((long)SlotCounts.Sum(expected), slept - (slept / 100), slept + forced - preempted);
        Assert.True(SlotCounts.Sum(found) == SlotCounts.Sum(expected) + preempted, figures);
        Assert.InRange(SlotCounts.Quantile(found, 0.5) - SlotCounts.Quantile(expected, 0.5), -1, 1);
        Assert.InRange(SlotCounts.Quantile(found, 0.9) - SlotCounts.Quantile(expected, 0.9), -1, 1);
        TestContext.Current.TestOutputHelper?.WriteLine(figures);
    }

    // Once it sleeps and the counts have not moved in 10 ms: its state is set a moment before it leaves its CPU.
    private static (long Voluntary, long Forced) Switches(int process)
    {
        for ((long, long)? last = null; ;)
        {
            string status = File.ReadAllText($"/proc/{process}/status");
            (long, long)? now = status.Contains("State:\tS", StringComparison.Ordinal) ? (Of("voluntary"), Of("nonvoluntary")) : null;
            if (now is { } counts && now == last)
            {
                return counts;
            }

            last = now;
            Thread.Sleep(10);

            long Of(string kind) => long.Parse(Regex.Match(status, $@"^{kind}_ctxt_switches:\s+(\d+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
        }
    }

    private (string Theirs, string Ours) Watch(string name, string tool, string[] theirOptions, Action stimulus, params string[] ourOptions)
    {
        string[] outputs = Peers.Watch(stimulus, [Peers.Bpftrace, "-B", "line", .. theirOptions, tool], [Hmbpf.Dotnet, Hmbpf.Command, "run", name, .. ourOptions, "--json"]);
        Assert.DoesNotContain("Lost", outputs[0], StringComparison.Ordinal);
        return (outputs[0], outputs[1]);
    }

    private void RunPerl(string script)
    {
        string path = Path.Combine(_folder, "script.pl");
        File.WriteAllText(path, script);
        Peers.RunToEnd(_folder, Name, Perl, path);
    }

    // The tool with other text in some places, each of which it must have.
    private string Changed(string name, params (string From, string To)[] changes)
    {
        string text = File.ReadAllText(Tool(name));
        foreach ((string from, string to) in changes)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        string path = Path.Combine(_folder, $"{name}.bt");
        File.WriteAllText(path, text);
        return path;
    }

    private static SortedDictionary<string, BigInteger> Slots(JsonElement value)
    {
        var counts = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach ((int slot, JsonElement count) in value.GetProperty("slots").EnumerateArray().Index())
        {
            SlotCounts.Add(counts, slot.ToString(CultureInfo.InvariantCulture), count.GetInt64());
        }

        return counts;
    }

    private static string Tool(string name) => $"/usr/sbin/{name}.bt";

    private static bool IsMine(JsonElement one) => Text(one, "comm") == Name;

    private static string Text(JsonElement one, string member) => one.GetProperty(member).GetString()!;

    private static long Number(JsonElement one, string member) => one.GetProperty(member).GetInt64();
}
