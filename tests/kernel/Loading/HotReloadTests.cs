using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Testing;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>Programs replaced while two threads cause events as fast as they can: each event has a number, and is seen by one version, once.</summary>
public sealed partial class HotReloadTests : TracingTest
{
    private const int Threads = 2;
    private const uint Events = 1 << 22;
    private const uint Burst = 64;
    private const int Port = 9;

    private static int Reloads => Emulation.IsEmulated && !Rounds.IsFull ? 10 : Rounds.Of(200);

    private static int OwnId => Environment.ProcessId;

    [Fact]
    public void A_typed_tracepoint_loses_no_event() => Exchange("typed", BpfReloadWay.Dispatched, Call);

    [Fact]
    public void A_raw_tracepoint_loses_no_event() => Exchange("raw", BpfReloadWay.Dispatched, Call);

    [Fact]
    public void A_classic_tracepoint_loses_no_event() => Sandbox.WithTracing(() => Exchange("classic", BpfReloadWay.Dispatched, Call));

    [Fact]
    public void A_kprobe_loses_no_event()
    {
        NeedsKProbes();
        Exchange("function", BpfReloadWay.Dispatched, Call);
    }

    [Fact]
    public void A_function_entry_loses_no_event()
    {
        NeedsKProbes();
        Exchange("entry", BpfReloadWay.Dispatched, Call);
    }

    [Fact]
    public void A_uprobe_loses_no_event() => Exchange("probe", BpfReloadWay.Dispatched, static number => GetGroup((int)number), static live => live.Programs.Probe.Attach(Library, "getpgid"));

    [Fact]
    public void An_xdp_program_loses_no_packet()
    {
        using var pair = new PrivateNetworkPair();
        Exchange("packet", BpfReloadWay.LinkUpdated, Sender(pair), live => pair.Far.Run(() => live.Programs.Packet.Attach(NetworkDevice.FromName("veth1"), XdpMode.Generic)));
    }

    [Fact]
    public void A_tcx_program_loses_no_packet()
    {
        Needs(BpfFeature.TcxLink);
        using var pair = new PrivateNetworkPair();
        Exchange("segment", BpfReloadWay.LinkUpdated, Sender(pair), live => pair.Far.Run(() => live.Programs.Segment.Attach(NetworkDevice.FromName("veth1"))));
    }

    [Fact]
    public void A_version_that_the_verifier_refuses_leaves_the_running_one()
    {
        using Versions live = Load(static spec => spec.Programs.Typed);
        live.Attach();
        uint id = live.Programs.Typed.Id;
        Versions.Spec refused = Version(2, static spec => spec.Programs.Typed);
        refused.Globals.IsRefused = true;

        Assert.Throws<BpfVerifierException>(() => live.HotReload(refused));
        Assert.Equal(id, live.Programs.Typed.Id);
        Call(7);
        Assert.Equal(1u, live.Maps.Marks[7]);
        Assert.Equal(1u, live.Globals.Version);
    }

    [Fact]
    public void Maps_that_are_equal_keep_their_content_and_constants_are_those_of_the_new_version()
    {
        using Versions live = Load(static spec => spec.Programs.Typed);
        live.Attach();
        Call(3);
        uint map = live.Maps.Marks.MapHandle.Id;
        BpfReload report = live.HotReload(Version(2, static spec => spec.Programs.Typed));
        Call(3);

        Assert.Equal(1u + (1 << 16), live.Maps.Marks[3]);
        Assert.Equal((map, 2u), (live.Maps.Marks.MapHandle.Id, live.Globals.Version));
        Assert.Equal((true, null), (report.Maps.Single(static one => one.Name == "marks").IsKept, report.Maps.Single(static one => one.Name == "marks").Aside));
        BpfMapReload constants = report.Maps.Single(static one => one.Name == ".rodata");
        Assert.Equal((false, "the constants in section '.rodata' have other values"), (constants.IsKept, constants.Because));
        Assert.Equal([new BpfProgramReload("typed", BpfReloadWay.Dispatched, null)], report.Programs.Where(static one => one.Name == "typed"));
    }

    [Fact]
    public void A_map_that_changed_is_made_anew_and_the_old_one_is_kept_aside()
    {
        using Versions live = Load(static spec => spec.Programs.Typed);
        live.Attach();
        Call(3);
        Versions.Spec next = Version(2, static spec => spec.Programs.Typed);
        next.Maps.Marks.MaxEntries = 64;
        BpfMapReload report = live.HotReload(next).Maps.Single(static one => one.Name == "marks");
        Call(3);

        Assert.Equal((false, false, $"map 'marks' has 64 entries and had {Events}; a map with BPF_F_MMAPABLE cannot be taken over"), (report.IsKept, report.IsCarriedOver, report.Because));
        Assert.Equal(1u, new BpfArrayMap<uint>(report.Aside!)[3]);
        Assert.Equal(1u << 16, new BpfArrayMap<uint>(live.Live.GetMap("marks"))[3]);
    }

    [Fact]
    public void Without_a_dispatcher_both_versions_may_see_an_event_and_the_report_says_how_many()
    {
        using Versions live = OrSkipWhereRefused(Versions.Open().Programs.Typed, () => Version(1, static spec => spec.Programs.Typed).Load());
        live.Attach();
        Stimulus stimulus = new(Call);
        ulong? most = 0;
        for (int reload = 0; reload < Rounds.Of(100); reload++)
        {
            BpfProgramReload report = live.HotReload(Version((uint)(reload % 2 == 0 ? 2 : 1), static spec => spec.Programs.Typed)).Programs.Single(static one => one.Name == "typed");
            Assert.Equal(BpfReloadWay.Overlapped, report.Way);
            most += report.SeenByBoth;
        }

        (uint last, ulong misses) = (stimulus.Stop(), live.Programs.Typed.GetRunStatistics().RecursionMisses);
        (int none, int both) = Unlike(live, last);
        Rounds.Figure("overlap", $"{both} of {last} events seen by both versions, at most {most} by the reports");
        Assert.True(none <= (int)misses, $"{none} of {last} events were not seen");
        Assert.True(most is { } limit && (ulong)both <= limit, $"{both} events were seen twice, at most {most} by the reports");
    }

    [Fact]
    public void A_sleepable_program_is_dispatched_where_the_kernel_can_and_else_overlaps()
    {
        Assert.SkipUnless(KernelFacts.Running >= new Version(6, 0), "this kernel is older than 6.0");
        BpfReloadWay expected = KernelFacts.Running >= new Version(7, 2) ? BpfReloadWay.Dispatched : BpfReloadWay.Overlapped;
        using Versions live = OrSkipWhereRefused(Versions.Open().Programs.Sleepable, () => Load(static spec => spec.Programs.Sleepable));
        live.Programs.Sleepable.Attach(Library, "getpgid");
        Assert.Equal(expected, live.HotReload(Version(2, static spec => spec.Programs.Sleepable)).Programs.Single(static one => one.Name == "sleepable").Way);
        GetGroup(5);
        Assert.Equal(1u << 16, live.Maps.Marks[5]);
    }

    [Fact]
    public void Events_for_which_the_dispatcher_has_no_program_are_counted()
    {
        using Versions live = Load(static spec => spec.Programs.Raw);
        live.Attach();
        Call(1);
        Assert.Equal(0ul, live.Programs.Raw.ReadUndispatched());
        var slot = new BpfProgramArray(live.Programs.Raw.Descriptor.Dispatcher!.Slot);
        Assert.True(slot.Remove(0));
        CallGetPgid();
        ulong missed = live.Programs.Raw.ReadUndispatched();

        // Other system calls of the machine come to the hook, too.
        Assert.True(missed >= Calls, $"{missed}");
        live.HotReload(Version(2, static spec => spec.Programs.Raw));
        Call(2);
        Assert.Equal((1u, 1u << 16), (live.Maps.Marks[1], live.Maps.Marks[2]));
    }

    [Fact]
    public void A_section_that_is_spelled_otherwise_is_the_same_hook()
    {
        using Versions live = Load(static spec => spec.Programs.Raw);
        live.Attach();
        for (int reload = 0; reload < 3; reload++)
        {
            Assert.Equal(BpfReloadWay.Dispatched, Assert.Single(live.Live.HotReload(Succeeding(static spec => spec.Programs.Raw)).Programs).Way);
            Call(11);
        }

        Assert.Equal((3u << 16, 0ul), (live.Maps.Marks[11], live.Programs.Raw.ReadUndispatched()));
        live.HotReload(Version(1, static spec => spec.Programs.Raw));
        Call(11);
        Assert.Equal((3u << 16) + 1, live.Maps.Marks[11]);
    }

    [Fact]
    public void A_program_whose_section_has_changed_is_attached_there_and_no_more_at_its_old_place()
    {
        using Versions live = Load(static spec => spec.Programs.Typed);
        live.Attach();
        BpfProgramLink before = live.Programs.Typed.Links.Single();
        Assert.Equal(BpfReloadWay.Added, Assert.Single(live.Live.HotReload(Succeeding(static spec => spec.Programs.Typed)).Programs).Way);
        Call(12);

        Assert.Equal((1u << 16, false), (live.Maps.Marks[12], before.IsAttached));
        BpfProgramLink now = live.Programs.Typed.Links.Single();
        Assert.Equal(("sys_exit", live.Programs.Typed), (now.Target, now.Program));
        now.Dispose();
        Call(12);
        Assert.Equal(1u << 16, live.Maps.Marks[12]);
    }

    [Fact]
    public void Programs_that_are_new_are_attached_and_those_that_are_gone_are_not()
    {
        using Versions live = Load(static spec => spec.Programs.Raw);
        live.Attach();
        BpfReload report = live.Live.HotReload(Succeeding(static spec => spec.Programs.Added));
        Call(13);

        Assert.Equal([("added", BpfReloadWay.Added), ("raw", BpfReloadWay.Removed)], report.Programs.Select(static one => (one.Name, one.Way)).Order());
        Assert.Equal(1u << 16, live.Maps.Marks[13]);
        Assert.False(live.Programs.Raw.IsLoaded);
        Assert.Equal("sys_exit", live.Live.Links.Single().Target);
    }

    [Fact]
    public void A_program_that_cannot_be_exchanged_brings_back_those_that_were()
    {
        using Versions live = Load(static spec => spec.Programs.Raw, static spec => spec.Programs.Probe);
        live.Programs.Raw.Attach();
        live.Programs.Probe.Attach(Library, "getpgid");
        uint[] before = [live.Programs.Raw.Id, live.Programs.Probe.Id];
        BpfObjectSpec next = Succeeding(static spec => spec.Programs.Raw);
        next.Program("probe").Enabled = true;

        Assert.Contains("is for another hook than the running one (SEC(\"perf_event\"), and it was SEC(\"uprobe\"))", OrSkipWhereRefused(next.Program("probe"), () => Assert.Throws<BpfException>(() => live.Live.HotReload(next))).Message, StringComparison.Ordinal);
        Call(14);
        GetGroup(15);
        Assert.Equal((1u, 2u), (live.Maps.Marks[14], live.Maps.Marks[15]));
        Assert.Equal(before, (uint[])[live.Programs.Raw.Id, live.Programs.Probe.Id]);
        live.HotReload(Version(2, static spec => spec.Programs.Raw, static spec => spec.Programs.Probe));
        Call(16);
        Assert.Equal(1u << 16, live.Maps.Marks[16]);
    }

    [Fact]
    public void A_program_that_was_put_into_an_array_at_run_time_is_exchanged_there()
    {
        using Versions live = Load(static spec => spec.Programs.Jumping, static spec => spec.Programs.Raw);
        live.Maps.Jumps.Set(2, live.Programs.Raw);
        live.Programs.Jumping.Attach();
        Call(17);
        live.HotReload(Version(2, static spec => spec.Programs.Jumping, static spec => spec.Programs.Raw));
        Call(17);
        Assert.Equal(1u + (1 << 16), live.Maps.Marks[17]);

        // The new version does not have it.
        live.HotReload(Version(1, static spec => spec.Programs.Jumping));
        Call(17);
        Assert.Equal(1u + (1 << 16), live.Maps.Marks[17]);
        Assert.False(live.Maps.Jumps.TryGetProgramId(2, out _));
    }

    [Fact]
    public void A_link_that_would_end_with_the_dispatcher_is_not_pinned()
    {
        using Versions live = Load(static spec => spec.Programs.Raw);
        BpfProgramLink link = live.Programs.Raw.Attach();
        Assert.Contains("the kernel empties the dispatcher's array when this process ends", Assert.Throws<BpfException>(() => link.Pin("/sys/fs/bpf/hypermesh-none")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_counters_of_the_kernel_go_on_without_a_dispatcher_too()
    {
        using IDisposable statistics = BpfStatistics.Enable();
        using Versions live = OrSkipWhereRefused(Versions.Open().Programs.Typed, () => Version(1, static spec => spec.Programs.Typed).Load());
        live.Attach();
        Call(18);
        ulong before = live.Programs.Typed.GetRunStatistics().RunCount;
        live.HotReload(Version(2, static spec => spec.Programs.Typed));
        Call(18);

        Assert.True(before > 0);
        Assert.True(live.Programs.Typed.GetRunStatistics().RunCount > before);
        Assert.Equal(live.Programs.Typed.GetRunStatistics().RecursionMisses, live.Programs.Typed.GetInfo().RecursionMisses);
    }

    [Fact]
    public void A_program_for_another_hook_takes_no_place_in_the_array_of_the_running_one()
    {
        using Versions live = Load(static spec => spec.Programs.Typed);
        live.Attach();
        BpfProgramDescriptor typed = live.Programs.Typed.Descriptor;
        using BpfObject other = BpfObject.Load(Version(1, static spec => spec.Programs.Raw).Object);
        BpfProgramDescriptor raw = other.Programs.Single(static one => one.IsLoaded).Descriptor;

        Assert.True(Dispatcher.IsSameHook(typed, typed));
        foreach (BpfProgramDescriptor unlike in (BpfProgramDescriptor[])[raw, typed with { AttachBtfId = typed.AttachBtfId + 1 }, typed with { Target = "sys_exit" }, typed with { AttachType = BpfAttachType.TraceFExit }, typed with { Flags = typed.Flags | SectionFlags.Sleepable }])
        {
            Assert.False(Dispatcher.IsSameHook(typed, unlike), $"{unlike}");
        }
    }

    [Fact]
    public void Two_reloads_at_once_follow_each_other_and_one_after_the_end_is_told()
    {
        Versions live = Load(static spec => spec.Programs.Typed);
        using (live)
        {
            live.Attach();
            Parallel.For(0, 8, index => live.HotReload(Version((uint)(1 + (index % 2)), static spec => spec.Programs.Typed)));
            Call(9);
            Assert.Contains(live.Maps.Marks[9], (uint[])[1, 1 << 16]);
            Assert.Single(live.Programs.Typed.Links);
        }

        Assert.Throws<ObjectDisposedException>(() => live.HotReload(Version(2, static spec => spec.Programs.Typed)));
    }

    [Fact]
    public void A_reload_during_the_end_is_told_or_ends_with_it()
    {
        for (int round = 0; round < Rounds.Of(50); round++)
        {
            Versions live = Load(static spec => spec.Programs.Typed);
            live.Attach();
            using var first = new ManualResetEventSlim();
            Exception? ended = null;
            var reloads = new Thread(() => ended = Record.Exception(void () =>
            {
                while (true)
                {
                    live.HotReload(Version(2, static spec => spec.Programs.Typed));
                    first.Set();
                }
            }));
            reloads.Start();
            first.Wait(TestContext.Current.CancellationToken);
            live.Dispose();
            reloads.Join();
            Assert.IsType<ObjectDisposedException>(ended);
        }
    }

    internal static string Library => File.ReadLines("/proc/self/maps").Select(static line => line[(line.LastIndexOf(' ') + 1)..]).First(static path => path.EndsWith("/libc.so.6", StringComparison.Ordinal));

    private static Versions.Spec Version(uint version, params Func<Versions.Spec, BpfProgramSpec>[] choose)
    {
        Versions.Spec spec = Versions.Open();
        spec.Globals.Version = version;
        spec.Globals.Tgid = (uint)OwnId;
        Array.ForEach(choose, one => one(spec).Enabled = true);
        return spec;
    }

    private static BpfObjectSpec Succeeding(Func<Successor.Spec, BpfProgramSpec> choose)
    {
        Successor.Spec spec = Successor.Open();
        spec.Globals.Tgid = (uint)OwnId;
        choose(spec).Enabled = true;
        return spec.Object;
    }

    private static Versions Load(params Func<Versions.Spec, BpfProgramSpec>[] choose)
    {
        Versions.Spec spec = Version(1, choose);
        return OrSkipWhereRefused(choose[0](spec), () => spec.Load(new BpfLoadOptions { Reloadable = true }));
    }

    // Of four reloads, two change the layout of the maps' values: to that of relaid.bpf.c, and back.
    private static void Exchange(string name, BpfReloadWay way, Action<uint> cause, Action<Versions>? attach = null)
    {
        using Versions live = Load(spec => spec.Object.Program(name));
        (attach ?? (static live => live.Attach()))(live);
        Stimulus stimulus = new(cause);
        for (int reload = 0; reload < Reloads; reload++)
        {
            BpfObjectSpec next = reload % 4 is 1 or 2 ? Relaying(name, reload % 4 == 1 ? 1u : 2u) : Version(reload % 4 == 0 ? 2u : 1u, spec => spec.Object.Program(name)).Object;
            BpfReload report = live.Live.HotReload(next);
            Assert.Equal(new BpfProgramReload(name, way, null), report.Programs.Single(one => one.Name == name));
            foreach (BpfMapReload map in report.Maps.Where(static one => one.Name is "totals" or "places" or "sums"))
            {
                Assert.Equal((reload % 2 == 0, reload % 2 == 1), (map.IsKept, map.IsCarriedOver));
                Assert.Null(map.Aside);
            }

            Rounds.Report($"reloads of {name}", reload + 1, Reloads);
        }

        uint last = stimulus.Stop();
        BpfProgram program = live.Live.Programs.Single(static one => one.IsLoaded);
        ulong misses = way == BpfReloadWay.Dispatched ? program.GetRunStatistics().RecursionMisses : 0;
        (int none, int both) = Unlike(live, last);
        uint[] all = [.. Enumerable.Range(0, (int)last).Select(number => live.Maps.Marks[number])];
        Rounds.Figure($"reloads of {name}", $"{Reloads} reloads, {Reloads / 2} of them with other layouts, {last} events, {all.Count(static one => one == 1)} seen by one version and {all.Count(static one => one == 1 << 16)} by the other, {none} by none, {both} by both, {misses} not run by the kernel");
        Assert.Equal(0ul, program.ReadUndispatched());
        Assert.Equal(0, both);

        // Of other tasks, too, at a hook of the whole machine.
        Assert.True((ulong)none <= misses, $"{none} of {last} events were not seen, and the kernel left out {misses}");
        Assert.True(all.Count(static one => one == 1) > Reloads && all.Count(static one => one == 1 << 16) > Reloads, "one of the versions has hardly run");

        // In the layout that is current, in that of the generated class, and in the other one.
        Figures expected = Figures.Of(all);
        Assert.Equal(expected, Figures.Of(live));
        live.Live.HotReload(Relaying(name, 1));
        Assert.Equal(expected, Figures.OfRelaid(live.Live));
        Assert.Equal(expected, Figures.Of(live));
        live.HotReload(Version(1, spec => spec.Object.Program(name)));
        Assert.Equal(expected, Figures.Of(live));
    }

    private static BpfObjectSpec Relaying(string name, uint version)
    {
        Relaid.Spec spec = Relaid.Open();
        spec.Globals.Version = version;
        spec.Globals.Tgid = (uint)OwnId;
        spec.Object.Program(name).Enabled = true;
        return spec.Object;
    }

    /// <summary>What the maps have of all events together: as text, key by key.</summary>
    private sealed record Figures(string Totals, string Places, string Sums)
    {
        private const int Keys = 64, Slots = 8;

        /// <summary>By the marks, which are in a map that no reload changes.</summary>
        internal static Figures Of(uint[] marks)
        {
            (uint Key, ulong[] Numbers)[] keys = [.. Enumerable.Range(0, marks.Length).Where(number => marks[number] != 0).GroupBy(static number => (uint)number % Keys, static number => (ulong)number)
                .Select(static key => (key.Key, (ulong[])[.. key])).OrderBy(static key => key.Key)];
            return new Figures(
                Text(keys.Select(static key => Total(key.Key, (ulong)key.Numbers.Length, key.Numbers.Aggregate(static (one, other) => one + other), key.Numbers.Max(), key.Numbers.Min(),
                    slot => (ulong)key.Numbers.Count(number => number % Slots == (ulong)slot)))),
                Text(Enumerable.Range(0, 4096).Select(place => Enumerable.Range(0, ((marks.Length - place - 1) / 4096) + 1).Count(row => place < marks.Length && marks[place + (row * 4096)] != 0).ToString(CultureInfo.InvariantCulture))),
                Text(keys.Select(static key => $"{key.Key}={key.Numbers.Aggregate(static (one, other) => one + other)}")));
        }

        internal static Figures Of(Versions live) => new(
            Text(live.Maps.Totals.OrderBy(static entry => entry.Key).Select(static entry => Total(
                entry.Key, Sum(entry.Value, static one => one.Count), Sum(entry.Value, static one => one.Numbers), entry.Value.ToArray().Max(static one => one.Highest),
                entry.Value.ToArray().Where(static one => one.Count > 0).Min(static one => one.Lowest) - 1, slot => Sum(entry.Value, one => one.Slots[slot])))),
            Text(live.Maps.Places.Select(static entry => entry.Value.Count.ToString(CultureInfo.InvariantCulture))),
            Text(live.Maps.Sums.OrderBy(static entry => entry.Key).Select(static entry => $"{entry.Key}={entry.Value}")));

        internal static Figures OfRelaid(BpfObject live) => new(
            Text(new BpfPerCpuHashMap<uint, Relaid.Total>(live.GetMap("totals")).OrderBy(static entry => entry.Key).Select(static entry => Total(
                entry.Key, Sum(entry.Value, static one => one.Count), Sum(entry.Value, static one => one.Numbers), entry.Value.ToArray().Max(static one => one.Highest),
                entry.Value.ToArray().Where(static one => one.Count > 0).Min(static one => one.Lowest) - 1, slot => Sum(entry.Value, one => one.Slots[slot])))),
            Text(new BpfArrayMap<Relaid.Place>(live.GetMap("places")).Select(static entry => entry.Value.Count.ToString(CultureInfo.InvariantCulture))),
            Text(new BpfHashMap<uint, ulong>(live.GetMap("sums")).OrderBy(static entry => entry.Key).Select(static entry => $"{entry.Key}={entry.Value}")));

        private static string Total(uint key, ulong count, ulong numbers, ulong highest, ulong lowest, Func<int, ulong> slot)
            => $"{key}: {count} {numbers} {(HasExactExtremes ? (highest, lowest) : default)} {string.Join(' ', Enumerable.Range(0, Slots).Select(slot))}";

        // Where a program can be preempted, another one on its CPU may write between its comparison and its own write.
        private static bool HasExactExtremes => KernelFacts.Running < new Version(7, 0);

        private static string Text(IEnumerable<string> values) => string.Join('\n', values);

        private static ulong Sum<T>(PerCpu<T> values, Func<T, ulong> choose)
            where T : unmanaged
            => values.ToArray().Aggregate(0ul, (sum, one) => sum + choose(one));
    }

    private static (int None, int Both) Unlike(Versions live, uint last)
    {
        (int none, int both) = (0, 0);
        for (int number = 0; number < last; number++)
        {
            uint mark = live.Maps.Marks[number];
            none += mark == 0 ? 1 : 0;
            both += mark is not (0 or 1 or 1 << 16) ? 1 : 0;
        }

        return (none, both);
    }

    private static void Call(uint number) => LibC.Syscall(GetPgid, (nint)number, 0, 0, 0, 0);

    private static Action<uint> Sender(PrivateNetworkPair pair)
    {
        // The neighbour's address is known afterwards: few packets wait for it. Nobody listens, and the answer that says so is not read.
        Traffic.Datagrams(pair.Near, pair.Far, Traffic.FarAddress, 1, 100);
        var sockets = new ThreadLocal<Socket>(() => pair.Near.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)));
        var to = new IPEndPoint(Traffic.FarAddress, Port);
        return number =>
        {
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
            while (sockets.Value!.SendTo(bytes, to) != bytes.Length)
            {
                Thread.Yield();
            }
        };
    }

    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int GetGroup(int process);

    /// <summary>Two threads that cause numbered events until they are stopped.</summary>
    private sealed class Stimulus
    {
        private readonly Thread[] _threads;
        private uint _next = uint.MaxValue;
        private bool _stop;

        internal Stimulus(Action<uint> cause)
        {
            _threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
            {
                while (!Volatile.Read(ref _stop))
                {
                    uint number = Interlocked.Increment(ref _next);
                    cause(number % Events);
                    if (number % Burst == 0)
                    {
                        // The map of marks has room for some millions.
                        Thread.Sleep(1);
                    }
                }
            }))];
            Array.ForEach(_threads, static thread => thread.Start());
        }

        /// <summary>Ends it, and returns how many events there were.</summary>
        internal uint Stop()
        {
            Volatile.Write(ref _stop, true);
            Array.ForEach(_threads, static thread => thread.Join());
            uint count = _next + 1;
            Assert.True(count < Events, $"{count} events are more than the map has places");
            return count;
        }
    }
}
