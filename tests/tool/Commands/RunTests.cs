using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary><c>hmbpf run</c>: what it prints for a counted stimulus, and that nothing stays attached.</summary>
public sealed partial class RunTests : IDisposable
{
    private const int Failure = 1;
    private const int Calls = 1000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // A call that says that the program is attached, and one that is counted.
    private static readonly (int Ready, int Counted) s_calls = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? (92, 155) : (135, 121);

    private static readonly string s_program = $$"""
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        #include <hypermesh/parameter.h>
        #include <hypermesh/ringbuf.h>
        #include <hypermesh/tracepoint.h>

        HM_TP_ARG(sys_enter, long_int, 0);
        const volatile __u32 process HM_PARAMETER(1, 4194304, "The process whose calls are counted") = 1;

        enum kind { KIND_NONE, KIND_READY };
        struct ready { enum kind kind; __u32 pid; char comm[16]; };
        HM_RINGBUF(events, struct ready, 4096);

        struct totals { __u64 calls; __s32 last; __u64 slots[8]; };
        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, __u32); __type(value, struct totals); } by_process SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } per_cpu SEC(".maps");
        __u64 counted;

        SEC("tp_btf/sys_enter") int run_test_enter(__u64 *ctx)
        {
            __u64 number = hm_tp_value(ctx, sys_enter, long_int, 0);
            __u32 pid = bpf_get_current_pid_tgid() >> 32, zero = 0;
            struct totals none = {}, *totals;
            __u64 *here;

            if (pid != process)
                return 0;
            if (number == {{s_calls.Ready}}) {
                struct ready *ready = hm_reserve(events);
                if (!ready)
                    return 0;
                ready->kind = KIND_READY;
                ready->pid = pid;
                bpf_get_current_comm(ready->comm, sizeof(ready->comm));
                bpf_ringbuf_submit(ready, 0);
                return 0;
            }
            if (number != {{s_calls.Counted}})
                return 0;
            bpf_map_update_elem(&by_process, &pid, &none, BPF_NOEXIST);
            totals = bpf_map_lookup_elem(&by_process, &pid);
            if (totals) {
                __sync_fetch_and_add(&totals->calls, 1);
                totals->last = -7;
                __sync_fetch_and_add(&totals->slots[3], 1);
            }
            here = bpf_map_lookup_elem(&per_cpu, &zero);
            if (here)
                __sync_fetch_and_add(here, 1);
            __sync_fetch_and_add(&counted, 1);
            return 0;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_counted_stimulus_is_exact_in_events_maps_and_globals()
    {
        Hmbpf.NeedsRoot();
        (JsonElement[] lines, string error) = Stimulate(["run", Write("counted.bpf.c", s_program), "--set", $"process={Environment.ProcessId}", "--json"]);

        Assert.Equal("", error);
        Assert.All(lines[..^1], static line => Assert.Equal(["event"], line.EnumerateObject().Select(static property => property.Name)));
        Assert.All(lines[..^1], static line =>
        {
            JsonElement one = line.GetProperty("event");
            Assert.Equal(("KIND_READY", Environment.ProcessId), (one.GetProperty("kind").GetString(), one.GetProperty("pid").GetInt32()));
            Assert.NotEmpty(one.GetProperty("comm").GetString()!);
        });

        JsonElement result = lines[^1];
        Assert.Equal(["maps", "globals", "dropped"], result.EnumerateObject().Select(static property => property.Name));
        Assert.Equal(0, result.GetProperty("dropped").GetInt32());
        JsonElement maps = result.GetProperty("maps");
        Assert.Equal(["by_process", "per_cpu"], maps.EnumerateObject().Select(static property => property.Name));
        JsonElement entry = Assert.Single(maps.GetProperty("by_process").EnumerateArray());
        Assert.Equal(Environment.ProcessId, entry.GetProperty("key").GetInt32());
        Assert.Equal((Calls, -7), (entry.GetProperty("value").GetProperty("calls").GetInt32(), entry.GetProperty("value").GetProperty("last").GetInt32()));
        Assert.Equal([0, 0, 0, Calls, 0, 0, 0, 0], entry.GetProperty("value").GetProperty("slots").EnumerateArray().Select(static slot => slot.GetInt32()));
        Assert.Equal(Calls, Assert.Single(maps.GetProperty("per_cpu").EnumerateArray()).GetProperty("value").GetInt32());
        Assert.Equal((Calls, Environment.ProcessId), (result.GetProperty("globals").GetProperty("counted").GetInt32(), result.GetProperty("globals").GetProperty("process").GetInt32()));
        NothingIsLeft();
    }

    [Fact]
    public void A_target_without_its_program_is_reported_with_what_to_write()
    {
        Hmbpf.NeedsRoot();
        Assert.Contains("has no program 'eth0'; it has run_test_enter. --attach takes PROGRAM or PROGRAM=TARGET, such as --attach run_test_enter=eth0.", Hmbpf.Run("run", Write("attached.bpf.c", s_program), "--attach", "eth0").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void C_without_vmlinux_h_is_told_the_command_that_makes_it()
    {
        Hmbpf.NeedsRoot();
        Assert.Contains("'hmbpf btf dump > vmlinux.h' in the folder of the C makes it", Hmbpf.Run("run", Write("typed.bpf.c", "#include \"vmlinux.h\"\n#include <bpf/bpf_helpers.h>\n")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_saved_again_replaces_the_running_version_and_one_with_errors_does_not()
    {
        Hmbpf.NeedsRoot();
        string path = Write("saved.bpf.c", s_program);
        using Process process = Hmbpf.StartIn(_folder, ["run", path, "--set", $"process={Environment.ProcessId}", "--reload", "--json"]);
        string first = Ready(process);
        Call(s_calls.Counted, 10);

        Write("saved.bpf.c", s_program.Replace("&counted, 1)", "&counted, 100)", StringComparison.Ordinal));
        Assert.StartsWith("hmbpf: reloaded: run_test_enter", NextError(process), StringComparison.Ordinal);
        Call(s_calls.Counted, 10);

        Write("saved.bpf.c", s_program.Replace("&counted, 1)", "&counted, )", StringComparison.Ordinal));
        Assert.Contains("saved.bpf.c(", NextError(process), StringComparison.Ordinal);
        Write("saved.bpf.c", s_program.Replace("&counted, 1)", "(__u64 *)number, 1)", StringComparison.Ordinal));
        string refused;
        do
        {
            refused = NextError(process);
        }
        while (!refused.Contains("not reloaded, the previous version continues: ", StringComparison.Ordinal));
        Call(s_calls.Counted, 10);

        JsonElement result = Lines(first + "\n" + End(process))[^1];
        Assert.Equal(2010, result.GetProperty("globals").GetProperty("counted").GetInt32());
        Assert.Equal(30, Assert.Single(result.GetProperty("maps").GetProperty("per_cpu").EnumerateArray()).GetProperty("value").GetInt32());
        NothingIsLeft();
    }

    private static string NextError(Process process)
    {
        Task<string?> line = process.StandardError.ReadLineAsync();
        Assert.True(line.Wait(s_patience), "no message came");
        return line.Result ?? throw new InvalidOperationException("hmbpf ended");
    }

    [Fact]
    public void Records_of_a_perf_event_array_are_events_too()
    {
        Hmbpf.NeedsRoot();
        string program = s_program.Replace("HM_RINGBUF(events, struct ready, 4096);", "struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); } events SEC(\".maps\");\nHM_EVENT(struct ready);", StringComparison.Ordinal)
            .Replace("struct ready *ready = hm_reserve(events);\n", "struct ready record = {}, *ready = &record;\n", StringComparison.Ordinal)
            .Replace("bpf_ringbuf_submit(ready, 0);", "bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, ready, sizeof(*ready));", StringComparison.Ordinal);
        (JsonElement[] lines, string error) = Stimulate(["run", Write("perf.bpf.c", program), "--set", $"process={Environment.ProcessId}", "--json"]);

        Assert.Equal("", error);
        Assert.NotEmpty(lines[..^1]);
        Assert.All(lines[..^1], static line => Assert.Equal(("KIND_READY", Environment.ProcessId), (line.GetProperty("event").GetProperty("kind").GetString(), line.GetProperty("event").GetProperty("pid").GetInt32())));
        Assert.Equal((Calls, 0), (lines[^1].GetProperty("globals").GetProperty("counted").GetInt32(), lines[^1].GetProperty("dropped").GetInt32()));
        NothingIsLeft();
    }

    [Fact]
    public async Task For_people_maps_are_tables_and_histograms_are_drawn()
    {
        Hmbpf.NeedsRoot();
        string path = Write("drawn.bpf.c", s_program);
        using Process process = Hmbpf.StartIn(_folder, ["run", path, "--set", $"process={Environment.ProcessId}"]);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string first = Ready(process);
        Call(s_calls.Counted, Calls);
        string text = End(process);

        Assert.Equal((0, ""), (process.ExitCode, await error));
        Assert.StartsWith($"kind KIND_READY  pid {Environment.ProcessId}  comm ", first, StringComparison.Ordinal);
        Assert.Contains($"key {Environment.ProcessId}  calls {Calls}  last -7\n", text, StringComparison.Ordinal);
        Assert.Contains($"[8, 16)  {Calls} |{new string('@', 40)}|\n", text, StringComparison.Ordinal);
        Assert.Contains($"counted  {Calls}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_template_shows_each_open_once()
    {
        Hmbpf.NeedsRoot();
        string path = Path.Combine(_folder, "no-such-file-");
        using Process process = Hmbpf.StartIn(_folder, ["run", "opensnoop", "--set", "failed=true", "--set", $"pid={Environment.ProcessId}", "--json"]);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Ready(process, () => Open(path + "ready"));
        for (int i = 0; i < Calls; i++)
        {
            Open(path + i.ToString(CultureInfo.InvariantCulture));
        }

        JsonElement[] lines = Lines(End(process));

        Assert.Equal((0, ""), (process.ExitCode, await error));
        JsonElement[] ours = [.. lines[..^1].Select(static line => line.GetProperty("event")).Where(one => one.GetProperty("path").GetString()!.StartsWith(path, StringComparison.Ordinal) && !one.GetProperty("path").GetString()!.EndsWith("ready", StringComparison.Ordinal))];
        Assert.Equal(Enumerable.Range(0, Calls).Select(i => path + i.ToString(CultureInfo.InvariantCulture)), ours.Select(static one => one.GetProperty("path").GetString()!));
        Assert.All(ours, static one => Assert.Equal((-2, Environment.ProcessId), (one.GetProperty("result").GetInt32(), one.GetProperty("pid").GetInt32())));
        Assert.Equal(0, lines[^1].GetProperty("dropped").GetInt32());
    }

    [Theory]
    [InlineData("runqlat")]
    [InlineData("syscount")]
    public void A_template_ends_by_itself_and_has_counted(string template)
    {
        Hmbpf.NeedsRoot();
        Hmbpf.Outcome outcome = Hmbpf.Run("run", template, "--seconds", "1", "--json");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        JsonElement maps = Assert.Single(Lines(outcome.Output)).GetProperty("maps");
        long counted = template == "runqlat"
            ? Assert.Single(maps.GetProperty("latency").EnumerateArray()).GetProperty("value").GetProperty("count").GetInt64()
            : maps.GetProperty("calls").EnumerateArray().Sum(static one => one.GetProperty("value").GetInt64());
        Assert.True(counted > 0);
    }

    [Fact]
    public void The_templates_are_listed_with_their_parameters()
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("run", "--list", "--json");

        JsonElement[] templates = [.. outcome.Json.GetProperty("templates").EnumerateArray()];
        Assert.Equal(["bitesize", "execsnoop", "killsnoop", "naptime", "opensnoop", "pidpersec", "runqlat", "statsnoop", "syncsnoop", "syscount"], templates.Select(static one => one.GetProperty("template").GetString()!));
        Assert.All(templates, static one => Assert.NotEmpty(one.GetProperty("parameters").EnumerateArray()));
        Assert.Contains("min_us", Hmbpf.Run("run", "--list").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hmbpf: runqlat has no parameter 'nothing'; it has pid, min_us.\n", "runqlat", "--set", "nothing=1")]
    [InlineData("hmbpf: Parameter min_us of runqlat cannot be '60000001': it is from 0 to 60000000. Only waits of at least this many microseconds.\n", "runqlat", "--set", "min_us=60000001")]
    [InlineData("hmbpf: There is no template 'runqlatt'. Did you mean runqlat? A C file ends with .c.\n", "runqlatt")]
    [InlineData("hmbpf: There is no template 'frobnicate'. There are: bitesize, execsnoop, killsnoop, naptime, opensnoop, pidpersec, runqlat, statsnoop, syncsnoop, syscount. A C file ends with .c.\n", "frobnicate")]
    [InlineData("hmbpf: /nonexistent/one.bpf.c does not exist.\n", "/nonexistent/one.bpf.c")]
    [InlineData("hmbpf: /nonexistent/one.o does not exist.\n", "/nonexistent/one.o")]
    [InlineData("hmbpf: object runqlat has no program 'nothing'; it has sched_wakeup, sched_wakeup_new, sched_switch. --attach takes PROGRAM or PROGRAM=TARGET, such as --attach sched_wakeup=nothing.\n", "runqlat", "--attach", "nothing")]
    public void A_mistake_is_one_line(string message, params string[] arguments)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run(["run", .. arguments]);

        Assert.Equal((Failure, "", message), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Fact]
    public void An_object_of_the_other_byte_order_is_refused()
    {
        Hmbpf.NeedsRoot();
        byte[] image = File.ReadAllBytes(Hmbpf.TestData("small-be.bpf.o"));
        string path = Path.Combine(_folder, "other.bpf.o");
        File.WriteAllBytes(path, image);

        Hmbpf.Outcome outcome = Hmbpf.Run("run", path);

        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("big-endian", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_the_verifier_rejects_leaves_nothing_attached()
    {
        Hmbpf.NeedsRoot();
        string path = Write("rejected.bpf.c", s_program.Replace("__u64 *here;", "__u64 *here; if (number == 99999) return *(volatile int *)number;", StringComparison.Ordinal));

        Hmbpf.Outcome outcome = Hmbpf.Run("run", path, "--set", $"process={Environment.ProcessId}", "--seconds", "1");

        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("run_test_enter", outcome.Error, StringComparison.Ordinal);
        NothingIsLeft();
    }

    [Fact]
    public void A_program_without_a_target_is_refused_with_its_section()
    {
        Hmbpf.NeedsRoot();
        string path = Write("xdp.bpf.c", "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC(\"xdp\") int run_test_enter(struct xdp_md *ctx) { return XDP_PASS; }\n");

        Hmbpf.Outcome outcome = Hmbpf.Run("run", path);

        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("has no program that attaches by itself: run_test_enter (\"xdp\").", outcome.Error, StringComparison.Ordinal);
        NothingIsLeft();
    }

    private const string Targets = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>

        __u64 packets, samples;

        SEC("xdp") int on_packet(struct xdp_md *ctx)
        {
            unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

            if (data + 24 <= end && data[23] == 17)
                __sync_fetch_and_add(&packets, 1);
            return XDP_PASS;
        }

        SEC("perf_event") int on_sample(void *ctx)
        {
            __sync_fetch_and_add(&samples, 1);
            return 0;
        }

        SEC("tc") int on_way(struct __sk_buff *ctx)
        {
            return 0;
        }

        SEC("tp_btf/sys_enter") int run_test_enter(__u64 *ctx)
        {
            return 0;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";
        """;

    /// <summary>On the loopback device of a network namespace of its own.</summary>
    [Fact]
    public void Programs_are_attached_to_the_targets_on_the_command_line()
    {
        Hmbpf.NeedsRoot();
        const int Packets = 5;
        string script = $"ip link set lo up; ({Hmbpf.Dotnet} {Hmbpf.Command} run {Write("targets.bpf.c", Targets)} --attach on_packet=lo --attach on_sample=99 --seconds 4 --json) & "
            + $"until ip link show lo | grep -q xdp; do sleep 0.05; done; for i in 1 2 3 4 5; do echo x > /dev/udp/127.0.0.1/9; done; wait";
        using Process process = Process.Start(new ProcessStartInfo("unshare", ["-n", "timeout", "60", "bash", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        JsonElement globals = Assert.Single(Lines(output)).GetProperty("globals");
        Assert.Equal(Packets, globals.GetProperty("packets").GetInt32());
        Assert.True(globals.GetProperty("samples").GetInt32() > 0);
        NothingIsLeft();
    }

    [Theory]
    [InlineData("on_packet=none0", "none0")]
    [InlineData("on_packet=", "--attach on_packet= has no target: a program of section \"xdp\" takes DEVICE.")]
    [InlineData("on_way=lo", "--attach on_way=lo: a program of section \"tc\" takes DEVICE:ingress or DEVICE:egress.")]
    [InlineData("on_way=lo:up", "'up' is not a direction: there are ingress and egress.")]
    [InlineData("on_sample=often", "--attach on_sample=often: a program of section \"perf_event\" takes samples a second, such as 99.")]
    [InlineData("run_test_enter=sys_exit", "Program run_test_enter cannot be attached by --attach run_test_enter=sys_exit: a program of section \"tp_btf/sys_enter\" names its target there.")]
    public void A_target_that_is_not_one_is_refused(string choice, string message)
    {
        Hmbpf.NeedsRoot();
        Hmbpf.Outcome outcome = Hmbpf.Run("run", Write("targets.bpf.c", Targets), "--attach", choice, "--seconds", "1");

        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        NothingIsLeft();
    }

    [Fact]
    public void Errors_in_C_are_reported_with_their_places()
    {
        string path = Write("wrong.bpf.c", s_program.Replace("if (pid != process)", "if (pid != proces || numbr)", StringComparison.Ordinal));

        Hmbpf.Outcome outcome = Hmbpf.Run("run", path);

        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        string[] lines = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^hmbpf: .*wrong\.bpf\.c\(26,\d+\): error HMBPF1001: ", line));
    }

    [Fact]
    public void Without_clang_the_package_is_named()
    {
        Hmbpf.Outcome outcome = Hmbpf.RunWith("PATH", "/nonexistent", "run", Write("one.bpf.c", s_program));

        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("there is no clang. Install one (Debian, Ubuntu: apt install clang libbpf-dev;", outcome.Error, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private (JsonElement[] Lines, string Error) Stimulate(string[] arguments)
    {
        using Process process = Hmbpf.StartIn(_folder, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string first = Ready(process);
        Call(s_calls.Counted, Calls);
        JsonElement[] lines = Lines(first + "\n" + End(process));
        Assert.Equal(0, process.ExitCode);
        return (lines, error.Result);
    }

    // Repeats the call that is an event until one arrives.
    private static string Ready(Process process, Action? signal = null)
    {
        Task<string?> first = process.StandardOutput.ReadLineAsync();
        var waited = Stopwatch.StartNew();
        while (!first.Wait(20))
        {
            if (waited.Elapsed > s_patience)
            {
                process.Kill();
                throw new TimeoutException("no event came");
            }

            (signal ?? (static () => Call(s_calls.Ready, 1)))();
        }

        return first.Result ?? throw new InvalidOperationException("hmbpf ended before the first event");
    }

    private static string End(Process process)
    {
        using (Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            interrupt.WaitForExit();
        }

        string rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return rest;
    }

    private static JsonElement[] Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];

    private static void Call(int number, int times)
    {
        for (int i = 0; i < times; i++)
        {
            // personality(0xffffffff) reads, and so does getpgid(0).
            SystemCall(number, number == s_calls.Ready ? 0xffffffff : 0);
        }
    }

    private static void Open(string path)
    {
        try
        {
            File.OpenHandle(path).Dispose();
        }
        catch (FileNotFoundException)
        {
            // As expected.
        }
    }

    // The kernel frees a program a moment after its last descriptor is closed.
    private static void NothingIsLeft()
    {
        var waited = Stopwatch.StartNew();
        while (IsListed() && waited.Elapsed < s_patience)
        {
            Thread.Sleep(100);
        }

        Assert.False(IsListed());

        static bool IsListed() => Hmbpf.Run("prog", "list").Output.Contains("run_test_enter", StringComparison.Ordinal);
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SystemCall(long number, long argument);
}
