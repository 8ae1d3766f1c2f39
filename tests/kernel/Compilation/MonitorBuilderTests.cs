using System.Numerics;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Compilation.Hooks;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Microsoft.Win32.SafeHandles;

namespace Hypermesh.Bpf.Tests.Kernel.Compilation;

/// <summary>Monitors built without C: what they count of a counted stimulus, and that what they build is loaded.</summary>
public sealed class MonitorBuilderTests : TracingTest
{
    private const string Enter = "tp_btf/sys_enter";
    private const string Events = "events";

    private static string Mine => $"tid == {ThreadId} && id == {GetPgid}";

    private static readonly ulong[] s_arguments = [0, 1, 2, 3, 7, 8, 1000, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x1_0000_0000, long.MaxValue, 1ul << 63, ulong.MaxValue];

    [Fact]
    public void Calls_are_counted_by_what_the_keys_say()
    {
        BpfObjectSpec spec = BpfMonitorBuilder.On(Enter).Where(Mine).By("pid", "comm", "id", "regs->di & 1").Count();
        IReadOnlyList<BpfMapEntry> entries = Read(spec, "count", static () => Call(s_arguments));

        Assert.Equal(2, entries.Count);
        foreach (ulong odd in (ulong[])[0, 1])
        {
            BpfMapEntry entry = Assert.Single(entries, one => Number(one.Key!["regs_di_1"]) == odd);
            Assert.Equal((Environment.ProcessId, GetPgid), (Number(entry.Key!["pid"]), Number(entry.Key["id"])));
            Assert.Equal(File.ReadAllText($"/proc/self/task/{ThreadId}/comm").TrimEnd('\n'), (string)entry.Key["comm"]!);
            Assert.Equal(s_arguments.Count(one => (one & 1) == odd), Number(entry.Value));
        }
    }

    [Fact]
    public void Without_keys_there_is_one_count()
    {
        BpfMapEntry entry = Assert.Single(Read(BpfMonitorBuilder.On(Enter).Where(Mine).Count(), "count", static () => CallGetPgid()));

        Assert.Equal((0, Calls), (Number(entry.Key), Number(entry.Value)));
    }

    [Fact]
    public void A_sum_may_be_below_zero()
    {
        BpfMapEntry entry = Assert.Single(Read(BpfMonitorBuilder.On(Enter).Where(Mine).Sum("5 - id"), "sum", static () => CallGetPgid()));

        Assert.Equal((5 - GetPgid) * Calls, Number(entry.Value));
    }

    [Fact]
    public void A_histogram_has_each_value_in_the_slot_of_its_power_of_two()
    {
        JsonNode value = Assert.Single(Read(BpfMonitorBuilder.On(Enter).Where(Mine).Histogram("regs->di"), "hist", static () => Call(s_arguments))).Value!;

        Int128[] expected = new Int128[64];
        foreach (ulong one in s_arguments)
        {
            expected[one == 0 ? 0 : BitOperations.Log2(one)]++;
        }

        Assert.Equal(expected, value["slots"]!.AsArray().Select(Number));
        Assert.Equal((s_arguments.Length, 0, s_arguments.Aggregate(static (sum, one) => unchecked(sum + one))), (Number(value["count"]), Number(value["negative"]), Number(value["total"])));
    }

    [Fact]
    public void Values_below_zero_are_counted_apart()
    {
        JsonNode value = Assert.Single(Read(BpfMonitorBuilder.On(Enter).Where(Mine).Histogram("id - 200"), "hist", static () => CallGetPgid())).Value!;

        Assert.Equal((Calls, Calls, (GetPgid - 200) * Calls), (Number(value["count"]), Number(value["negative"]), Number(value["total"])));
        Assert.All(value["slots"]!.AsArray(), static slot => Assert.Equal(0, Number(slot)));
    }

    [Theory]
    [InlineData(0, 10, 3)]
    [InlineData(-4, 4, 1)]
    [InlineData(5, 6, 100)]
    public void A_linear_histogram_has_each_value_in_its_slot_and_the_others_at_its_ends(long from, long end, long step)
    {
        long[] values = [-100, -4, -3, -1, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 1000];
        BpfObjectSpec spec = BpfMonitorBuilder.On(Enter).Where(Mine).Histogram("regs->di - 1000 + id - id", new BpfLinearRange(from, end, step));
        JsonNode value = Assert.Single(Read(spec, "hist", () => Call([.. values.Select(static one => (ulong)(one + 1000))]))).Value!;

        int slots = (int)((end - from + step - 1) / step);
        Int128[] expected = new Int128[slots + 2];
        foreach (long one in values)
        {
            // An unsigned value below 0 is above everything where the range begins at 0.
            bool isAbove = one >= end || (from >= 0 && one < 0);
            expected[isAbove ? slots + 1 : one < from ? 0 : (int)((one - from) / step) + 1]++;
        }

        Assert.Equal(expected, value["linear"]!.AsArray().Select(Number));
    }

    [Fact]
    public void A_value_may_have_another_name_at_the_end()
    {
        // A thread that this one wakes by the other end of a pipe: from its wake-up until it runs.
        BpfObjectSpec spec = BpfMonitorBuilder.On("tp_btf/sched_switch").Since("tp_btf/sched_wakeup", "p->pid=next->pid").Where("next->comm == \"woken\"").Histogram("elapsed");
        using BpfObject live = OrSkipWhereRefused(spec.Programs[0], () => BpfObject.Load(spec));
        int rounds = 0;
        using var ask = new SemaphoreSlim(0);
        using var answer = new SemaphoreSlim(0);
        var woken = new Thread(() =>
        {
            File.WriteAllText($"/proc/self/task/{ThreadId}/comm", "woken");
            answer.Release();
            for (; rounds < 50; rounds++)
            {
                ask.Wait(TestContext.Current.CancellationToken);
                answer.Release();
            }
        });
        woken.Start();
        answer.Wait(TestContext.Current.CancellationToken);
        live.Attach();
        for (int i = 0; i < 50; i++)
        {
            Thread.Sleep(2);
            ask.Release();
            answer.Wait(TestContext.Current.CancellationToken);
        }

        woken.Join();
        JsonNode value = Assert.Single(new BpfObjectValues(spec, live).ReadMap("hist")).Value!;
        Assert.InRange((int)Number(value["count"]), 25, 100);
        Assert.True(Number(value["total"]) < (Int128)1_000_000_000 * 10, $"{value}");
    }

    [Fact]
    public void Texts_are_compared_whole()
    {
        string comm = File.ReadAllText($"/proc/self/task/{ThreadId}/comm").TrimEnd('\n');
        foreach ((string condition, int expected) in ((string, int)[])
            [($"comm == \"{comm}\"", Calls), ($"\"{comm}\" != comm", 0), ($"comm == \"{comm[..^1]}\"", 0), ($"comm == \"{comm}x\"", 0), ("comm == comm", Calls), ("comm == \"\"", 0), ("comm != \"a text that is longer than any name\"", Calls)])
        {
            IReadOnlyList<BpfMapEntry> entries = Read(BpfMonitorBuilder.On(Enter).Where(Mine).Where(condition).Count(), "count", static () => CallGetPgid());
            Assert.Equal(expected, Number(Assert.Single(entries).Value));
        }
    }

    [Fact]
    public void Events_come_in_order_with_numbers_and_texts() => Sandbox.WithTracing(() =>
    {
        BpfObjectSpec spec = BpfMonitorBuilder.On("tracepoint:syscalls:sys_enter_openat").Where($"tid == {ThreadId}").Trace("pid", "comm", "filename", "args.flags", "probe");
        using BpfObject live = BpfObject.Load(spec);
        live.Attach();
        string[] paths = [.. Enumerable.Range(0, Calls).Select(static i => $"/nonexistent/a{new string('x', i * 40)}")];
        foreach (string path in paths)
        {
            Assert.ThrowsAny<IOException>(() => File.OpenHandle(path));
        }

        var values = new BpfObjectValues(spec, live);
        var events = new List<JsonNode>();
        values.Consume(Events, one => events.Add(one!));
        Assert.Equal(paths, events.Select(static one => (string)one["filename"]!).Where(static path => path.StartsWith("/nonexistent/", StringComparison.Ordinal)));
        Assert.All(events, static one => Assert.Equal((Environment.ProcessId, "syscalls:sys_enter_openat"), (Number(one["pid"]), (string)one["probe"]!)));
        Assert.Equal(0, values.Dropped);
    });

    [Fact]
    public void The_time_between_two_hooks_is_at_least_that_of_the_call()
    {
        const int Nanosleep = 35;
        const long Nanoseconds = 3_000_000;
        BpfObjectSpec spec = BpfMonitorBuilder.On("tp_btf/sys_exit").Since(Enter).Where($"tid == {ThreadId} && regs->orig_ax == {Nanosleep}").By("ret").Histogram("elapsed");
        JsonNode value = Assert.Single(Read(spec, "hist", static () =>
        {
            for (int i = 0; i < Calls; i++)
            {
                long[] time = [0, Nanoseconds];
                unsafe
                {
                    fixed (long* pointer = time)
                    {
                        LibC.Syscall(Nanosleep, (nint)pointer, 0, 0, 0, 0);
                    }
                }
            }
        })).Value!;

        int first = value["slots"]!.AsArray().ToList().FindIndex(static slot => Number(slot) > 0);
        Assert.Equal(Calls, Number(value["count"]));
        Assert.True(Number(value["total"]) >= Calls * Nanoseconds, $"{value["total"]}");
        Assert.True(first >= BitOperations.Log2((ulong)Nanoseconds), $"{value}");
    }

    [Theory]
    [InlineData("kprobe:__x64_sys_getpgid")]
    [InlineData("fentry/__x64_sys_getpgid")]
    [InlineData("fexit/__x64_sys_getpgid")]
    public void Functions_of_the_kernel_have_their_arguments(string hook)
    {
        NeedsKProbes();
        BpfMapEntry entry = Assert.Single(Read(BpfMonitorBuilder.On(hook).Where($"tid == {ThreadId}").By("probe").Sum("regs->di"), "sum", static () => Call([1, 2, 40])));

        Assert.Equal(("__x64_sys_getpgid", 43), ((string)entry.Key!["probe"]!, Number(entry.Value)));
    }

    // Lesson 6 of bpftrace's one-liner tutorial: kretprobe:vfs_read { @bytes = lhist(retval, 0, 2000, 200) }
    [Fact]
    public void The_bytes_that_were_read_are_in_their_slots()
    {
        NeedsKProbes();
        int[] lengths = [0, 1, 199, 200, 201, 1000, 1999, 2000, 4096];
        BpfObjectSpec spec = BpfMonitorBuilder.On("kretprobe:vfs_read").Where($"tid == {ThreadId}").Histogram("retval", new BpfLinearRange(0, 2000, 200));

        JsonNode value = Assert.Single(Read(spec, "hist", () => ReadZeroes(lengths))).Value!;
        Int128[] expected = new Int128[12];
        foreach (int length in lengths)
        {
            expected[Math.Min(1 + (length / 200), 11)]++;
        }

        Assert.Equal(expected, value["linear"]!.AsArray().Select(Number));
        Assert.Equal((lengths.Length, lengths.Sum()), (Number(value["count"]), Number(value["total"])));
    }

    // Lesson 7: kprobe:vfs_read { @start[tid] = nsecs } kretprobe:vfs_read /@start[tid]/ { @ns[comm] = hist(nsecs - @start[tid]) }
    [Fact]
    public void The_time_of_each_read_is_measured()
    {
        NeedsKProbes();
        BpfObjectSpec spec = BpfMonitorBuilder.On("kretprobe:vfs_read").Since("kprobe:vfs_read").Where($"tid == {ThreadId}").By("comm").Histogram("elapsed");

        JsonNode value = Assert.Single(Read(spec, "hist", static () => ReadZeroes(new int[Calls]))).Value!;
        Assert.Equal((Calls, Calls), (Number(value["count"]), value["slots"]!.AsArray().Aggregate((Int128)0, static (sum, slot) => sum + Number(slot))));
        Assert.True(Number(value["total"]) > 0, $"{value}");
    }

    // Lesson 12: kprobe:vfs_open { printf("open path: %s", str(((struct path *)arg0)->dentry->d_name.name)) }
    [Fact]
    public void Members_behind_arguments_are_those_of_what_was_opened()
    {
        NeedsKProbes();
        BpfObjectSpec spec = BpfMonitorBuilder.On("kprobe:vfs_open").Where($"tid == {ThreadId}").Trace("str(path->dentry->d_name.name)");
        using BpfObject live = OrSkipWhereRefused(spec.Programs[0], () => BpfObject.Load(spec));
        live.Attach();
        string[] names = ["null", "zero", "full"];
        foreach (string name in names)
        {
            File.OpenHandle($"/dev/{name}").Dispose();
        }

        var events = new List<string>();
        new BpfObjectValues(spec, live).Consume(Events, one => events.Add((string)Assert.Single(one!.AsObject()).Value!));
        Assert.Equal(names, events);
    }

    [Theory]
    [InlineData("kr:__x64_sys_getpgid")]
    [InlineData("fr:__x64_sys_getpgid")]
    public void Results_of_functions_of_the_kernel_have_their_sign(string hook)
    {
        NeedsKProbes();
        BpfObjectSpec spec = BpfMonitorBuilder.On(hook).Where($"tid == {ThreadId} && retval < 0").By("retval").Count();

        BpfMapEntry entry = Assert.Single(Read(spec, "count", static () => Call([0x7fffffff, 0, 0x7ffffffe])));
        Assert.Equal((-3, 2), (Number(entry.Key!["retval"]), Number(entry.Value)));
    }

    [Fact]
    public void Functions_of_programs_have_arguments_and_results()
    {
        string library = File.ReadLines("/proc/self/maps").Select(static line => line[(line.LastIndexOf(' ') + 1)..]).First(static path => path.EndsWith("/libc.so.6", StringComparison.Ordinal));
        BpfObjectSpec arguments = BpfMonitorBuilder.On($"uprobe:{library}:syscall").Where($"tid == {ThreadId} && arg0 == {GetPgid}").Sum("arg1");
        BpfObjectSpec results = BpfMonitorBuilder.On($"uretprobe:{library}:syscall").Where($"tid == {ThreadId} && retval == -1").Count();

        Assert.Equal(43, Number(Assert.Single(Read(arguments, "sum", static () => Call([1, 2, 40]))).Value));
        Assert.Equal(2, Number(Assert.Single(Read(results, "count", static () => Call([0x7fffffff, 0, 0x7ffffffe]))).Value));
    }

    [Fact]
    public void A_stack_is_the_functions_that_led_to_the_hook()
    {
        IReadOnlyList<BpfMapEntry> entries = Read(BpfMonitorBuilder.On(Enter).Where(Mine).By("kstack").Count(), "count", static () => CallGetPgid());

        Assert.Equal(Calls, entries.Aggregate((Int128)0, static (sum, entry) => sum + Number(entry.Value)));
        Assert.All(entries, static entry =>
        {
            string[] frames = [.. entry.Key!["kstack"]!.AsArray().Select(static frame => (string)frame!)];
            Assert.Contains(frames, static frame => frame.StartsWith("do_syscall_64+", StringComparison.Ordinal));
            Assert.DoesNotContain(frames, static frame => frame.StartsWith("bpf_", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void A_stack_of_a_process_is_its_functions_that_led_to_the_hook()
    {
        IReadOnlyList<BpfMapEntry> entries = Read(BpfMonitorBuilder.On(Enter).Where(Mine).By("ustack").Count(), "count", static () => CallGetPgid());

        Assert.Equal(Calls, entries.Aggregate((Int128)0, static (sum, entry) => sum + Number(entry.Value)));
        Assert.All(entries, static entry => Assert.Equal("syscall", (string)entry.Key!["ustack"]!.AsArray()[0]!));
    }

    [Fact]
    public void Stacks_of_a_process_that_has_ended_have_the_names_that_were_read_while_it_ran()
    {
        const int Nanosleep = 35, Sleeps = 20;
        BpfObjectValues values;
        using (var spender = Spender.C())
        {
            BpfObjectSpec spec = BpfMonitorBuilder.On(Enter).Where($"pid == {spender.Id} && id == {Nanosleep}").By("ustack").Count();
            BpfObject live = Own(BpfObject.Load(spec));
            live.Attach();
            values = new BpfObjectValues(spec, live);
            spender.Do($"s{Sleeps}");
            values.Watch();
        }

        BpfMapEntry entry = Assert.Single(values.ReadMap("count"));
        Assert.Equal(Sleeps, Number(entry.Value));
        Assert.Equal(["sleep_known", "main"], entry.Key!["ustack"]!.AsArray().Take(2).Select(static frame => (string)frame!));
    }

    [Fact]
    public void The_same_monitor_in_C_has_the_same_figures()
    {
        Twin.Spec spec = Twin.Open();
        spec.Globals.Tid = (uint)ThreadId;
        using Twin twin = OrSkipWhereRefused(spec.Programs.OnEnter, () => spec.Load());
        BpfMonitorBuilder builder = BpfMonitorBuilder.On(Enter).Where(Mine).By("regs->di & 1", "comm");
        BpfObjectSpec[] built = [builder.Count(), builder.Sum("regs->di"), builder.Histogram("regs->di"), builder.Histogram("regs->di", new BpfLinearRange(100, 1000, 90))];
        BpfObject[] live = [.. built.Select(static one => BpfObject.Load(one))];
        try
        {
            twin.Attach();
            Array.ForEach(live, static one => one.Attach());
            var random = new Random(1);
            Call([.. Enumerable.Range(0, Rounds.Of(20_000)).Select(_ => (ulong)random.NextInt64() >> random.Next(64)), .. s_arguments]);

            IReadOnlyList<BpfMapEntry>[] results = [.. built.Zip(live).Zip((string[])["count", "sum", "hist", "hist"], static (one, map) => new BpfObjectValues(one.First, one.Second).ReadMap(map))];
            Twin.Key[] keys = [.. twin.Maps.Same.Select(static entry => entry.Key)];
            Assert.Equal([0, 1], keys.Select(static key => (int)key.Odd).Order());
            Assert.All(results, result => Assert.Equal(keys.Length, result.Count));
            foreach (Twin.Key key in keys)
            {
                Twin.Histogram expected = twin.Maps.Same[key];
                JsonNode[] found = [.. results.Select(result => Assert.Single(result, entry => Number(entry.Key!["regs_di_1"]) == key.Odd && (string)entry.Key["comm"]! == key.Comm.ToString()).Value!)];
                Assert.Equal((expected.Count, expected.Total), ((ulong)Number(found[0]), (ulong)Number(found[1])));
                Assert.Equal((expected.Count, expected.Total), ((ulong)Number(found[2]["count"]), (ulong)Number(found[3]["total"])));
                Assert.Equal(Slots(expected.Slots), found[2]["slots"]!.AsArray().Select(Number));
                Assert.Equal(Slots(expected.Linear), found[3]["linear"]!.AsArray().Select(Number));
            }
        }
        finally
        {
            Array.ForEach(live, static one => one.Dispose());
        }
    }

    [Fact]
    public void Random_expressions_are_worth_what_C_says()
    {
        int count = Rounds.Of(500);
        for (int seed = 0; seed < count; seed++)
        {
            RandomExpression expression = RandomExpression.Make(new Random(seed), 1 + (seed % 5));
            ulong argument = s_arguments[seed % s_arguments.Length];
            BpfObjectSpec spec = BpfMonitorBuilder.On(Enter).Where(Mine).Sum(expression.Text);
            BpfMapEntry entry = Assert.Single(Read(spec, "sum", () => Call([argument])));
            ulong found = unchecked((ulong)Number(entry.Value));
            Assert.True(expression.Evaluate(argument).Bits == found, $"seed {seed}, {expression.Text} of {argument}: {found}, not {expression.Evaluate(argument).Bits}");
        }
    }

    [Fact]
    public void Random_monitors_load_or_are_refused_beforehand()
    {
        int count = Rounds.Of(500);
        using KernelBtf kernel = KernelBtf.Acquire();
        var catalog = new HookCatalog(kernel.Types, Kernel);
        string[] names = [.. catalog.Names(HookKind.BtfTracepoint, "*").Order(StringComparer.Ordinal)];
        int loaded = 0, refused = 0;
        for (int seed = 0; loaded + refused < count; seed++)
        {
            var random = new Random(seed);
            Hook hook = catalog.TryRead(HookKind.BtfTracepoint, names[random.Next(names.Length)])!;
            if (hook.Arguments.Count == 0)
            {
                continue;
            }

            BpfMonitorBuilder builder = BpfMonitorBuilder.On(hook.Section).By(random.Next(2) == 0 ? ["comm", Field(random, hook, kernel.Types)] : ["cpu"]).Where($"{Field(random, hook, kernel.Types)} != 0 || pid == 1");
            string value = Field(random, hook, kernel.Types);
            BpfObjectSpec spec;
            try
            {
                spec = random.Next(4) switch { 0 => builder.Count(), 1 => builder.Histogram(value), 2 => builder.Sum(value), _ => builder.Trace(value, Field(random, hook, kernel.Types)) };
            }
            catch (BpfException told) when (told.Message.StartsWith("Expression '", StringComparison.Ordinal))
            {
                refused++;
                continue;
            }

            // Attaching is left out: some of these hooks are reached all the time.
            using BpfObject live = OrSkipWhereRefused(spec.Programs[0], () => BpfObject.Load(spec));
            loaded++;
        }

        Rounds.Figure("random monitors", $"{loaded} loaded, {refused} refused beforehand");
        Assert.True(loaded >= count * 95 / 100, $"{loaded} of {count} loaded, {refused} were refused");
    }

    /// <summary>Pointers that the verifier follows further on some kernels than on others, may be NULL there, or are not loaded at all.</summary>
    [Theory]
    [InlineData("tp_btf/kfree_skb", "skb->sk->__sk_common.skc_family")]
    [InlineData("tp_btf/kfree_skb", "skb->dev->ifindex")]
    [InlineData("tp_btf/sched_switch", "prev->mm & 4095")]
    [InlineData("tp_btf/sched_switch", "prev->mm")]
    [InlineData("tp_btf/sched_switch", "prev->mm == 0")]
    [InlineData("tp_btf/sched_switch", "prev == next")]
    [InlineData("tp_btf/sched_switch", "prev->real_parent->real_parent->pid")]
    [InlineData("tp_btf/sched_switch", "prev->cred->uid.val")]
    [InlineData("tp_btf/sched_process_exec", "bprm->file->f_inode->i_ino")]
    [InlineData("tp_btf/initcall_start", "func")]
    [InlineData("raw_tp/sched_switch", "next->se.vruntime + prev->prio")]
    public void Pointers_load_on_every_kernel(string hook, string expression)
    {
        foreach (BpfObjectSpec spec in (BpfObjectSpec[])[BpfMonitorBuilder.On(hook).By(expression).Count(), BpfMonitorBuilder.On(hook).Where($"{expression} > 1").Histogram(expression), BpfMonitorBuilder.On(hook).Trace(expression)])
        {
            using BpfObject live = OrSkipWhereRefused(spec.Programs[0], () => BpfObject.Load(spec));
            Assert.True(live.Programs[0].IsLoaded);
        }
    }

    [Fact]
    public void From_a_hook_to_itself_is_the_time_between_two_calls()
    {
        const int Pause = 2;
        BpfObjectSpec spec = BpfMonitorBuilder.On(Enter).Since(Enter, "tid", "id").Where(Mine).Histogram("elapsed");
        JsonNode value = Assert.Single(Read(spec, "hist", static () =>
        {
            for (int i = 0; i < Calls; i++)
            {
                CallGetPgid(1);
                Thread.Sleep(Pause);
            }
        })).Value!;

        Assert.Equal(Calls - 1, Number(value["count"]));
        Assert.True(Number(value["total"]) >= (Calls - 1) * Pause * 1_000_000L, $"{value}");
    }

    [Fact]
    public void Arguments_of_system_calls_have_the_sign_of_their_type_and_their_strings_are_shown() => Sandbox.WithTracing(() =>
    {
        const int AtFdCwd = -100;
        BpfObjectSpec counted = BpfMonitorBuilder.On("t:syscalls:sys_enter_openat").Where($"tid == {ThreadId} && dfd == {AtFdCwd} && dfd < 0").By("dfd").Count();
        BpfMapEntry entry = Assert.Single(Read(counted, "count", static () => Assert.ThrowsAny<IOException>(static () => File.OpenHandle("/nonexistent/a"))));
        Assert.Equal((AtFdCwd, 1), (Number(entry.Key!["dfd"]), Number(entry.Value)));

        BpfObjectSpec traced = BpfMonitorBuilder.On("t:syscalls:sys_enter_openat").Trace();
        Assert.Contains("filename", Enumerable.Range(0, 32).Select(index => traced.Btf![traced.Btf.Find("event", BtfKind.Struct)] is var type && index < type.Length ? traced.Btf.GetString(type.Member(index).NameOffset) : ""));
    });

    [Fact]
    public void What_cannot_be_one_value_is_told() => Sandbox.WithTracing(() =>
    {
        string told = Assert.Throws<BpfException>(static () => BpfMonitorBuilder.On("t:syscalls:sys_enter_sethostname").Since("t:syscalls:sys_enter_newuname", "name").Count()).Message;
        Assert.Equal("Expression 'name' is a number at tracepoint/syscalls/sys_enter_newuname and a string at tracepoint/syscalls/sys_enter_sethostname: it must be the same at all hooks.", told);
    });

    [Theory]
    [InlineData("uprobe:", "'uprobe:' is not a function of a program: write uprobe:FILE:FUNCTION, such as uprobe:/bin/bash:readline.")]
    [InlineData("u:/bin/bash", "'u:/bin/bash' is not a function of a program")]
    [InlineData("u:/bin/bash:*", "'u:/bin/bash:*': * and ? do not stand for functions of programs; name the function.")]
    [InlineData("kprobe/", "This kernel has no hook 'kprobe/'.")]
    [InlineData("kprobe/no_such_function_anywhere", "This kernel has no hook 'kprobe/no_such_function_anywhere'.")]
    [InlineData("tp_btf/", "This kernel has no hook 'tp_btf/'.")]
    [InlineData("", "This kernel has no hook ''.")]
    public void A_hook_that_is_not_one_is_told(string hook, string message)
        => Assert.StartsWith(message, Assert.Throws<BpfException>(() => BpfMonitorBuilder.On(hook).Count()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 9_000_000_000_000_000_000, 9_000_000_000_000_000_000, 3)]
    [InlineData(long.MinValue, long.MaxValue, long.MaxValue, 5)]
    [InlineData(-1, 1, 5, 3)]
    public void A_range_may_be_as_wide_as_numbers_are(long from, long end, long step, int slots) => Assert.Equal(slots, new BpfLinearRange(from, end, step).Slots);

    [Theory]
    [InlineData("tp_btf/sys_enterr", "id", "This kernel has no hook 'tp_btf/sys_enterr'. Did you mean sys_enter")]
    [InlineData("tp_btf/sched_switch", "next->comm == bash", "To compare with a text, quote it: \"bash\".")]
    [InlineData("vfs_read", "1", "There is no tracepoint 'vfs_read': vfs_read is a function of the kernel. Write fexit/vfs_read")]
    [InlineData(Enter, "ids", "Expression 'ids', character 1: tp_btf/sys_enter has no argument 'ids'. Did you mean id")]
    [InlineData(Enter, "regs->dii", "Expression 'regs->dii', character 5: struct pt_regs of this kernel has no member 'dii'. Did you mean di")]
    [InlineData(Enter, "elapsed", "elapsed is the time since another hook")]
    [InlineData(Enter, "comm", "This is a string, and a number is needed.")]
    [InlineData(Enter, "comm + 1", "Strings can be compared with == and != only.")]
    [InlineData(Enter, "id == comm", "A number cannot be compared with a string.")]
    [InlineData(Enter, "id->x", "What is before 'x' is neither a struct nor a pointer to one.")]
    [InlineData("tp_btf/sched_switch", "prev->se[0]", "Only arrays, and pointers whose type is known, have elements.")]
    [InlineData("tp_btf/sched_switch", "prev->comm[16]", "The array has 16 elements, counted from 0.")]
    [InlineData("tp_btf/sched_switch", "prev->se", "This is a struct sched_entity, which has no value of its own. Its members: load")]
    [InlineData(Enter, "regs", "")]
    public void What_this_kernel_lacks_is_told_before_the_load(string hook, string expression, string message)
    {
        if (message.Length == 0)
        {
            // A pointer is a number.
            Assert.NotNull(BpfMonitorBuilder.On(hook).Sum(expression));
            return;
        }

        Assert.Contains(message, Assert.Throws<BpfException>(() => BpfMonitorBuilder.On(hook).Sum(expression)).Message, StringComparison.Ordinal);
    }

    // A member of an argument, some steps deep, that has a value.
    private static string Field(Random random, Hook hook, BtfTypes types)
    {
        HookArgument argument = hook.Arguments[random.Next(hook.Arguments.Count)];
        string text = "args." + argument.Name;
        int type = argument.IsPointer ? argument.Pointee : 0;
        for (int step = 0; step < 4 && type != 0 && types[types.SkipModifiers(type)] is { IsComposite: true, Length: > 0 } owner; step++)
        {
            BtfMember[] named = [.. Enumerable.Range(0, owner.Length).Select(owner.Member).Where(static member => member.NameOffset != 0)];
            if (named.Length == 0)
            {
                break;
            }

            BtfMember member = named[random.Next(named.Length)];
            text += $"->{types.GetString(member.NameOffset)}";
            BtfType next = types[types.SkipModifiers(member.TypeId)];
            if (next.Kind is BtfKind.Int or BtfKind.Enum)
            {
                return text;
            }

            type = next.IsComposite ? next.Id : next.Kind == BtfKind.Pointer ? types.SkipModifiers(next.TypeId) : 0;
            if (next.Kind == BtfKind.Array && !types[types.SkipModifiers(next.Array.ElementTypeId)].IsComposite && next.Array.Count > 1)
            {
                return $"{text}[1]";
            }
        }

        // What has no value of its own: its address, or the CPU.
        return types[types.SkipModifiers(type)].IsComposite && !text.Contains("->", StringComparison.Ordinal) ? text : "cpu";
    }

    // Integers of all widths are shown.
    private static Int128 Number(JsonNode? value) => Int128.Parse(value!.ToString(), System.Globalization.CultureInfo.InvariantCulture);

    private static unsafe void ReadZeroes(int[] lengths)
    {
        const int Read = 0;
        using SafeFileHandle zeroes = File.OpenHandle("/dev/zero");
        fixed (byte* into = new byte[lengths.Max() + 1])
        {
            foreach (int length in lengths)
            {
                Assert.Equal(length, LibC.Syscall(Read, zeroes.DangerousGetHandle(), (nint)into, length, 0, 0));
            }
        }
    }

    private static Int128[] Slots(ReadOnlySpan<ulong> slots)
    {
        var all = new Int128[slots.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = slots[i];
        }

        return all;
    }

    private static void Call(ulong[] arguments)
    {
        foreach (ulong argument in arguments)
        {
            LibC.Syscall(GetPgid, (nint)argument, 0, 0, 0, 0);
        }
    }

    private static IReadOnlyList<BpfMapEntry> Read(BpfObjectSpec spec, string map, Action stimulus)
    {
        using BpfObject live = OrSkipWhereRefused(spec.Programs[0], () => BpfObject.Load(spec));
        live.Attach();
        stimulus();
        foreach (BpfProgramLink link in live.Links)
        {
            link.Dispose();
        }

        return new BpfObjectValues(spec, live).ReadMap(map);
    }
}
