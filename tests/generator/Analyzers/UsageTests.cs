using System.Collections.Immutable;
using Hypermesh.Bpf.Tests.Generator.Support;
using Microsoft.CodeAnalysis;

namespace Hypermesh.Bpf.Tests.Generator.Analyzers;

/// <summary>What the analyzers tell beyond the examples of their pages, and what looks alike and is right.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("Traffic.Open().Load();", "HMBPF3001: Load")]
    [InlineData("_ = Traffic.Open().Load();", "HMBPF3001: Load")]
    [InlineData("BpfStatistics.Enable();", "HMBPF3001: Enable")]
    [InlineData("Traffic? t = null; t = Traffic.Open().Load(); t.Attach(); t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\"));", "HMBPF3001: Load")]
    [InlineData("Traffic.Open().Load().Attach();", "HMBPF3002: Load")]
    [InlineData("Traffic.Open().Load().Programs.OnExit.Attach();", "HMBPF3002: Load")]
    [InlineData("BpfLinkHandle.OpenPinned(\"/sys/fs/bpf/link\");", "HMBPF3002: OpenPinned")]
    [InlineData("var link = BpfLinkHandle.OpenId(7); Console.WriteLine(link.Id);", "HMBPF3002: OpenId")]
    [InlineData("using var t = Traffic.Open().Load(); t.Attach(); Console.WriteLine(t.Maps.Totals[0].Sum());", "HMBPF3004: Attach")]
    [InlineData("traffic.Maps.ByCpu.Map().Dispose();", "HMBPF3005: Map")]
    [InlineData("traffic.Maps.Verdicts.Remove(7u);", "HMBPF3005: Remove")]
    [InlineData("traffic.Maps.Verdicts.TryTake(7u, out _);", "HMBPF3005: TryTake")]
    [InlineData("Console.WriteLine(traffic.Maps.Secrets[7]);", "HMBPF3005: traffic.Maps.Secrets[7]")]
    [InlineData("foreach (var (key, value) in traffic.Maps.Secrets) { Console.WriteLine(key + value); }", "HMBPF3005: traffic.Maps.Secrets")]
    [InlineData("traffic.Maps.Flows.TryGetValueLocked(default, out _);", "HMBPF3005: TryGetValueLocked")]
    [InlineData("var t = Traffic.Open().Load(); var ring = t.Maps.Events; t.Attach(); t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\")); t.Dispose(); Console.WriteLine(ring.Dropped);", "HMBPF3006: ring")]
    [InlineData("using (traffic.Programs.OnExit.Attach()) { }", "HMBPF3009: Attach")]
    [InlineData("traffic.Maps.Events.Consume((ref readonly Traffic.Event e) => traffic.Maps.Events.Consume((ref readonly Traffic.Event f) => { }));", "HMBPF3010: Consume")]
    [InlineData("Traffic.Open().Maps.ByCpu.MaxEntries = (uint)Environment.ProcessorCount;", "HMBPF3011: Environment.ProcessorCount")]
    [InlineData("traffic.Programs.OnExit.Attach(); traffic.Attach();", "HMBPF3014: Attach")]
    [InlineData("traffic.Programs.OnExit.Attach(); traffic.Programs.OnExit.Attach();", "HMBPF3014: Attach")]
    [InlineData("var list = new BpfPerCpuMapBatch<Traffic.Flow, ulong>().ToList(); Console.WriteLine(list.Count);", "HMBPF3016: ToList")]
    [InlineData("traffic.Maps.Packets.TryGetValue(default, new PerCpu<ulong>());", "HMBPF3019: new PerCpu<ulong>()")]
    [InlineData("traffic.Maps.Packets.TryGetValue(default, default);", "HMBPF3019: default")]
    [InlineData("traffic.Maps.Events.Consume((ref readonly Traffic.Event e) => Console.Out.WriteLineAsync($\"{e.Pid}\"));", "HMBPF3022: Console.Out.WriteLineAsync($\"{e.Pid}\")")]
    [InlineData("foreach (Traffic.Event e in new Traffic.Event[1]) { _ = \"bash\".Equals(e.Comm); }", "HMBPF3023: \"bash\".Equals(e.Comm)")]
    [InlineData("foreach (Traffic.Event e in new Traffic.Event[1]) { _ = object.Equals(e.Comm, \"bash\"); }", "HMBPF3023: object.Equals(e.Comm, \"bash\")")]
    [InlineData("foreach (Traffic.Event e in new Traffic.Event[1]) { _ = e.Comm.Equals((object)\"bash\"); }", "HMBPF3023: e.Comm.Equals((object)\"bash\")")]
    [InlineData("traffic.Globals.Seen++;", "HMBPF3028: traffic.Globals.Seen++")]
    [InlineData("traffic.Maps.Blocked[1]++;", "HMBPF3028: traffic.Maps.Blocked[1]++")]
    [InlineData("traffic.Maps.Blocked[1] = traffic.Maps.Blocked[1] + 1;", "HMBPF3028: traffic.Maps.Blocked[1] = traffic.Maps.Blocked[1] + 1")]
    [InlineData("traffic.Globals.Seen += 2;", "HMBPF3028: traffic.Globals.Seen += 2")]
    [InlineData("traffic.Globals.Seen = 1 + traffic.Globals.Seen;", "HMBPF3028: traffic.Globals.Seen = 1 + traffic.Globals.Seen")]
    [InlineData("using var t = Traffic.Open(async spec => { await Task.Delay(1); spec.Maps.Events.MaxEntries = 8192; }).Load(); t.Programs.OnExit.Attach();", "HMBPF3022: async")]
    public async Task A_mistake_is_reported(string statements, string told)
        => Assert.Equal([told], await UserCode.Told(UserCode.File($"static void Use(Traffic traffic) {{ {statements} }}")));

    [Theory]
    [InlineData("var first = Traffic.Open().Load(); var link = first.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\")); using var second = Traffic.Open().Load(); link.Update(second.Programs.CountPackets); first.Dispose(); Console.WriteLine(link.Id);")]
    [InlineData("using var t = Traffic.Open().Load(); t.Attach(); Console.WriteLine(t.Programs.CountPackets.Id);")]
    [InlineData("using var t = Traffic.Open().Load();")]
    [InlineData("using (Traffic.Open().Load()) { }")]
    [InlineData("using BpfObject live = Traffic.Open().Load().Live; Console.WriteLine(live.Name);")]
    [InlineData("var t = Traffic.Open().Load(); using BpfObject live = t.Live; Console.WriteLine(live.Name);")]
    [InlineData("var t = Traffic.Open().Load(); t.Dispose(); Action attach = t.Attach; attach();")]
    [InlineData("using var t = Traffic.Open(spec => spec.Programs.CountPackets.Enabled = false).Load(); t.Attach(); Console.WriteLine(t.Globals.Seen);")]
    [InlineData("Traffic.Open().Load().Dispose();")]
    [InlineData("Traffic? t = null; try { t = Traffic.Open().Load(); t.Attach(); t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\")); } finally { t?.Dispose(); }")]
    [InlineData("var t = Traffic.Open().Load(); AppDomain.CurrentDomain.ProcessExit += (_, _) => t.Dispose();")]
    [InlineData("var t = Traffic.Open().Load(); Keep(t);")]
    [InlineData("var all = new List<Traffic> { Traffic.Open().Load() }; Keep(all[0]);")]
    [InlineData("using var t = Traffic.Open().Load(); Keep(t); Console.WriteLine(t.Globals.Seen);")]
    [InlineData("traffic.Maps.Verdicts.TryGetValue(7u, out _); traffic.Maps.Secrets[7] = 1;")]
    [InlineData("var spec = Traffic.Open(); spec.Maps.ByCpu.Flags |= BpfMapFlags.Mappable; using var t = spec.Load(); t.Maps.ByCpu.Map().Dispose(); t.Attach(); t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\"));")]
    [InlineData("var t = Traffic.Open().Load(); t.Dispose(); Console.WriteLine(t.Maps.Events.Name); t.Dispose(); t = Traffic.Open().Load(); Keep(t);")]
    [InlineData("var t = Traffic.Open().Load(); if (t.Refused.Count > 0) { t.Dispose(); return; } Keep(t);")]
    [InlineData("using var link = traffic.Programs.OnExit.Attach(); Thread.Sleep(1000);")]
    [InlineData("using (traffic.Programs.OnExit.Attach()) { Thread.Sleep(1000); }")]
    [InlineData("traffic.Attach(); traffic.Links.OnExit?.Dispose(); traffic.Programs.OnExit.Attach();")]
    [InlineData("traffic.Attach(); traffic.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\"));")]
    [InlineData("var workers = new Task[Environment.ProcessorCount]; for (int i = 0; i < Environment.ProcessorCount; i++) { workers[i] = Task.CompletedTask; }")]
    [InlineData("foreach (var (flow, bytes) in traffic.Maps.Flows) { traffic.Maps.Flows.Remove(flow); }")]
    [InlineData("foreach (var (flow, bytes) in traffic.Maps.Flows) { if (bytes > 0) { traffic.Maps.Packets.Remove(flow); } }")]
    [InlineData("try { traffic.Attach(); } catch (BpfException) { /* a kernel without it: the figures stay empty */ }")]
    [InlineData("try { traffic.Attach(); } catch (BpfException refusal) when (refusal.Message.Length > 0) { }")]
    [InlineData("try { traffic.Attach(); } catch (OperationCanceledException) { }")]
    [InlineData("var spec = Traffic.Open(); using var first = spec.Load(); Keep(first); spec.Globals.MinSize = 64; using var second = spec.Load(); Keep(second);")]
    [InlineData("var spec = Traffic.Open(); using var t = spec.Load(); Keep(t); t.Globals.Seen = 0;")]
    [InlineData("var counts = PerCpu<ulong>.Allocate(); traffic.Maps.Packets.TryGetValue(default, counts); counts = default; Console.WriteLine(counts.CpuCount);")]
    [InlineData("Console.WriteLine(Environment.ProcessId); int own = Environment.ProcessId; Console.WriteLine(own == 1);")]
    [InlineData("traffic.Maps.Commands.TryReserve(8, TimeSpan.FromSeconds(1), out var record); record.Dispose();")]
    [InlineData("Traffic.Open(spec => spec.Globals.Seen++);")]
    [InlineData("ulong seen = traffic.Globals.Seen; seen++; Console.WriteLine(seen);")]
    [InlineData("traffic.Maps.Blocked[1] = traffic.Maps.Blocked[2] + 1; traffic.Maps.ByCpu[0]++;")]
    [InlineData("traffic.Maps.Latest[default] = traffic.Maps.Latest[default];")]
    [InlineData("while (traffic.Globals.Seen < 10) { traffic.Maps.Events.Consume((ref readonly Traffic.Event e) => { }); Thread.Sleep(10); }")]
    public async Task Correct_code_is_not_reported(string statements)
        => Assert.Empty(await UserCode.Told(UserCode.File($"static void Use(Traffic traffic) {{ {statements} }} static void Keep(Traffic t) => s_kept = t; static Traffic? s_kept;")));

    [Theory]
    [InlineData("while (!stop.IsCancellationRequested) { traffic.Maps.Events.Consume((ref readonly Traffic.Event e) => { }); Thread.Sleep(10); await Task.Yield(); }", "HMBPF3008: Sleep")]
    [InlineData("await Task.Yield(); if (traffic.Maps.Commands.TryReserve(8, TimeSpan.FromSeconds(1), out var record)) { record.Submit(); }", "HMBPF3008: TryReserve")]
    [InlineData("await Task.Yield(); Thread.Sleep(10);", null)]
    [InlineData("await Task.Run(() => { foreach (var e in traffic.Maps.Events.ReadAllAsync(stop).ToBlockingEnumerable(stop)) { Console.WriteLine(e.Pid); } });", null)]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync().WithCancellation(stop)) { Console.WriteLine(e.Pid); }", null)]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync()) { if (e.Pid == 1) { break; } }", null)]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync()) { foreach (var i in new[] { 1 }) { break; } }", "HMBPF3017: ReadAllAsync")]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync(stop)) { if (e.Pid == Environment.ProcessId) { Console.WriteLine(e.Bytes); } }", "HMBPF3018: Environment.ProcessId")]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync(stop)) { traffic.Maps.Samples.Consume(static record => Console.WriteLine(record.Length)); }", "HMBPF3003: Consume")]
    [InlineData("await using var t = Traffic.Open().Load(); await Show(t.Maps.Events); t.Attach(); t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\")); static Task Show(BpfRingBuffer<Traffic.Event> ring) => Task.CompletedTask;", null)]
    [InlineData("await using var t = Traffic.Open().Load(); await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } t.Programs.OnExit.Attach();", "HMBPF3020: ReadAllAsync")]
    [InlineData("await using var t = Traffic.Open().Load(); var ring = t.Maps.Events; await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } t.Programs.OnExit.Attach();", "HMBPF3020: ReadAllAsync")]
    [InlineData("await using var t = Traffic.Open().Load(); if (stop.CanBeCanceled) { await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } } t.Programs.OnExit.Attach();", "HMBPF3020: ReadAllAsync")]
    [InlineData("await using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\"));", null)]
    [InlineData("await using var t = Traffic.Open().Load(); Task reading = Read(); t.Programs.OnExit.Attach(); await reading; async Task Read() { await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } }", null)]
    [InlineData("await using var t = Traffic.Open().Load(); Task reading = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } }); t.Programs.OnExit.Attach(); await reading;", null)]
    [InlineData("await using var t = Traffic.Open().Load(); Action attach = () => t.Programs.OnExit.Attach(); attach(); await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } t.Programs.OnExit.Attach();", null)]
    [InlineData("await using var t = Traffic.Open().Load(); while (true) { await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } t.Programs.OnExit.Attach(); }", null)]
    [InlineData("await using var t = Traffic.Open().Load(); Start(t); await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } t.Programs.OnExit.Attach(); static void Start(Traffic t) => t.Programs.OnExit.Attach();", null)]
    [InlineData("await using var t = Traffic.Open().Load(); var programs = t.Programs; programs.OnExit.Attach(); await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\"));", null)]
    [InlineData("await using var t = Traffic.Open().Load(); await foreach (var e in t.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } t.Dispose();", "HMBPF3004: Load")]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } await foreach (var s in traffic.Maps.Alarms.ReadAllAsync(stop)) { Console.WriteLine(s.Address); }", "HMBPF3024: ReadAllAsync")]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } Console.WriteLine(); await foreach (var s in traffic.Maps.Alarms.ReadAllAsync(stop)) { Console.WriteLine(s.Address); }", "HMBPF3024: ReadAllAsync")]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); if (e.Pid == 1) { break; } } await foreach (var s in traffic.Maps.Alarms.ReadAllAsync(stop)) { Console.WriteLine(s.Address); }", null)]
    [InlineData("using var first = new CancellationTokenSource(100); await foreach (var e in traffic.Maps.Events.ReadAllAsync(first.Token)) { Console.WriteLine(e.Pid); } await foreach (var s in traffic.Maps.Alarms.ReadAllAsync(stop)) { Console.WriteLine(s.Address); }", null)]
    [InlineData("await foreach (var e in traffic.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } await foreach (var f in traffic.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(f.Pid); } ", null)]
    [InlineData("if (stop.CanBeCanceled) { await foreach (var e in traffic.Maps.Events.ReadAllAsync(stop)) { Console.WriteLine(e.Pid); } } else { await foreach (var s in traffic.Maps.Alarms.ReadAllAsync(stop)) { Console.WriteLine(s.Address); } }", null)]
    public async Task Readers_in_asynchronous_code_are_checked(string statements, string? told)
        => Assert.Equal(told is null ? [] : [told], await UserCode.Told(UserCode.File($"static async Task Use(Traffic traffic, CancellationToken stop) {{ {statements} }}")));

    [Theory]
    [InlineData("Traffic.Sample s = traffic.Maps.Latest[flow]; s.Address = 0;", true)]
    [InlineData("Traffic.Sample s = traffic.Maps.Latest[flow]; s.Address++;", true)]
    [InlineData("Traffic.Sample s = traffic.Maps.Latest[flow]; Console.WriteLine(s.TimeNs); s.Address += 2;", true)]
    [InlineData("if (traffic.Maps.Latest.TryGetValue(flow, out var s)) { s.Address = 0; }", true)]
    [InlineData("foreach (var one in new[] { flow }) { var s = traffic.Maps.Latest[one]; Console.WriteLine(s.TimeNs); s.Address = 0; }", true)]
    [InlineData("Traffic.Sample s = traffic.Maps.Latest[flow]; s.Address = 0; traffic.Maps.Latest[flow] = s;", false)]
    [InlineData("Traffic.Sample s = traffic.Maps.Latest[flow]; s.Address = 0; Console.WriteLine(s.Address);", false)]
    [InlineData("Traffic.Sample s = traffic.Maps.Latest[flow]; s.Address = 0; Keep(s); static void Keep(Traffic.Sample sample) => Console.WriteLine(sample.Address);", false)]
    [InlineData("Traffic.Sample s = traffic.Maps.Latest[flow]; for (int i = 0; i < 2; i++) { Console.WriteLine(s.Address); s.Address = 0; }", false)]
    [InlineData("Traffic.Sample s = default; s.Address = 0;", false)]
    [InlineData("Traffic.Sample s = traffic.Maps.Latest[flow]; Traffic.Sample copy = s; copy.Address = 0; Console.WriteLine(copy.Address);", false)]
    public async Task A_changed_copy_that_is_lost_is_reported(string statements, bool isLost)
        => Assert.Equal(isLost ? ["HMBPF3025"] : [], (await UserCode.Told(UserCode.File($"static void Use(Traffic traffic, Traffic.Flow flow) {{ {statements} }}"))).Select(static told => told.Split(':')[0]));

    [Theory]
    [InlineData("static void Use() { using var j = Jumps.Open().Load(); j.Programs.OnPacket.Attach(NetworkDevice.FromName(\"lo\")); }", true)]
    [InlineData("static void Use() { using var j = Jumps.Open().Load(); j.Maps.ByQueue.Set(0, j.Programs.Drop); j.Programs.OnPacket.Attach(NetworkDevice.FromName(\"lo\")); }", false)]
    [InlineData("static void Use() { using var j = Jumps.Open().Load(); Fill(j.Maps); j.Programs.OnPacket.Attach(NetworkDevice.FromName(\"lo\")); } static void Fill(Jumps.MapSet maps) => maps.ByQueue.Set(0, null!);", false)]
    [InlineData("static void Use() { using var j = Jumps.Open().Load(); j.Programs.OnPacket.Attach(NetworkDevice.FromName(\"lo\")); } static void Fill(BpfObject live) => Console.WriteLine(live.GetMap(\"by_queue\"));", false)]
    [InlineData("static Jumps Get() { var j = Jumps.Open().Load(); return j; }", false)]
    [InlineData("static Jumps Get() => Jumps.Open().Load();", false)]
    public async Task A_program_array_that_nothing_fills_is_reported(string members, bool isEmpty)
        => Assert.Equal(isEmpty ? ["HMBPF3026: Load"] : [], await UserCode.Told(UserCode.File(members)));

    [Theory]
    [InlineData("", true)]
    [InlineData("Console.WriteLine(t.Maps.Blocked.ContainsKey(1));", true)]
    [InlineData("j.Maps.Blocked[1] = 2;", false)]
    [InlineData("Fill(j.Maps); static void Fill(Jumps.MapSet maps) { maps.Blocked[1] = 2; }", false)]
    [InlineData("Console.WriteLine(\"blocked\");", false)]
    public async Task A_map_that_only_another_object_fills_is_reported_where_the_reader_is_loaded(string statement, bool isEmpty)
        => Assert.Equal(isEmpty ? ["HMBPF3027: Load"] : [], await UserCode.Told(UserCode.File($$"""
            static void Use()
            {
                using var t = Traffic.Open().Load();
                using var j = Jumps.Open().Load();
                t.Programs.CountPackets.Attach(NetworkDevice.FromName("lo"));
                j.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
                j.Maps.ByQueue.Set(0, j.Programs.Drop);
                {{statement}}
            }
            """)));

    [Fact]
    public async Task A_program_that_returns_its_object_to_itself_has_no_other_that_fills_an_array()
        => Assert.Equal(["HMBPF3026: Load"], await UserCode.Told(UserCode.Program("using Jumps j = Get(); j.Programs.OnPacket.Attach(NetworkDevice.FromName(\"lo\")); static Jumps Get() => Jumps.Open().Load();")));

    [Theory]
    [InlineData("static BpfRingBuffer<Traffic.Event> Get() { using var t = Traffic.Open().Load(); return t.Maps.Events; }", "HMBPF3004: Load, HMBPF3007: t.Maps.Events")]
    [InlineData("static Traffic Get() { using var t = Traffic.Open().Load(); return t; }", "HMBPF3007: t")]
    [InlineData("static IEnumerable<ulong> Get() { using var t = Traffic.Open().Load(); return t.Maps.Flows.Select(entry => entry.Value); }", "HMBPF3004: Load, HMBPF3007: t.Maps.Flows.Select(entry => entry.Value)")]
    [InlineData("static Task Get() { using var t = Traffic.Open().Load(); return Read(t); } static Task Read(Traffic t) => Task.CompletedTask;", "HMBPF3007: Read(t)")]
    [InlineData("static async Task Get() { using var t = Traffic.Open().Load(); await Read(t); } static Task Read(Traffic t) => Task.CompletedTask;", "")]
    [InlineData("static Traffic Get() { var t = Traffic.Open().Load(); return t; }", "")]
    [InlineData("static BpfRingBuffer<Traffic.Event> Get(Traffic t) { return t.Maps.Events; }", "")]
    [InlineData("static ulong Get() { using var t = Traffic.Open().Load(); t.Attach(); t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\")); return t.Maps.Totals[0].Sum(); }", "")]
    [InlineData("static List<ulong> Get() { using var t = Traffic.Open().Load(); t.Attach(); t.Programs.CountPackets.Attach(NetworkDevice.FromName(\"lo\")); return t.Maps.Flows.Select(entry => entry.Value).ToList(); }", "")]
    public async Task Returning_what_is_disposed_is_reported(string members, string told)
        => Assert.Equal(told, string.Join(", ", await UserCode.Told(UserCode.File(members))));

    [Theory]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); _ = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); }", "HMBPF3007: Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } })")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); }", "HMBPF3007: Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } })")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); var task = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); Console.WriteLine(t.Globals.Seen); }", "HMBPF3007: Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } })")]
    [InlineData("static void Use() { using (var t = Traffic.Open().Load()) { t.Programs.OnExit.Attach(); if (t.Globals.Seen == 0) { _ = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); } } Thread.Sleep(1000); }", "HMBPF3007: Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } })")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); _ = Read(t); } static async Task Read(Traffic t) => await Task.Delay((int)t.Globals.Seen);", "HMBPF3007: Read(t)")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); _ = Read(); async Task Read() => await Task.Delay((int)t.Globals.Seen); }", "HMBPF3007: Read()")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); _ = Task.Run(Read); void Read() => Console.WriteLine(t.Globals.Seen); }", "HMBPF3007: Task.Run(Read)")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); new Thread(() => Console.WriteLine(t.Globals.Seen)).Start(); }", "HMBPF3007: new Thread(() => Console.WriteLine(t.Globals.Seen)).Start()")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); ThreadPool.QueueUserWorkItem(_ => Console.WriteLine(t.Globals.Seen)); }", "HMBPF3007: ThreadPool.QueueUserWorkItem(_ => Console.WriteLine(t.Globals.Seen))")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); _ = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); Thread.Sleep(1000); }", "")]
    [InlineData("static async Task Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); _ = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); await Task.Delay(1000); }", "")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); _ = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); while (t.Globals.Seen < 10) { } }", "")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); for (int i = 0; i < 2; i++) { _ = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); Thread.Sleep(10); } }", "")]
    [InlineData("static async Task Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); var task = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); await task; }", "")]
    [InlineData("static async Task Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); await Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); }", "")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }).Wait(); }", "")]
    [InlineData("static void Use() { var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); _ = Task.Run(() => { Console.WriteLine(t.Globals.Seen); t.Dispose(); }); }", "")]
    [InlineData("static void Use(Traffic t) { _ = Task.Run(async () => { await foreach (var e in t.Maps.Events.ReadAllAsync(CancellationToken.None)) { Console.WriteLine(e.Pid); } }); }", "")]
    [InlineData("static void Use() { using var t = Traffic.Open().Load(); t.Programs.OnExit.Attach(); ulong seen = t.Globals.Seen; _ = Task.Run(() => Console.WriteLine(seen)); }", "")]
    public async Task A_task_that_is_started_and_not_awaited_is_reported(string members, string told)
        => Assert.Equal(told, string.Join(", ", await UserCode.Told(UserCode.File(members))));

    [Fact]
    public async Task Statements_of_a_one_file_program_are_analyzed_and_fixed()
    {
        string program = UserCode.Program("var traffic = Traffic.Open().Load();\nConsole.WriteLine(traffic.Globals.Seen);\n");
        Assert.Equal(["HMBPF3001: Load", "HMBPF3004: Load"], await UserCode.Told(program));

        string disposed = (await FixedCode.Of(program, "HMBPF3001"))!;
        Assert.Contains("await using var traffic = Traffic.Open().Load();", disposed, StringComparison.Ordinal);

        string attached = (await FixedCode.Of(disposed, "HMBPF3004"))!;
        Assert.Equal(["HMBPF3004: Attach"], await UserCode.Told(attached));
    }

    // The compiler reports each of these too.
    [Theory]
    [InlineData("traffic.Globals.MinSize = 64;", "MinSize", "Globals.MinSize is set in the spec before the load: Traffic.Open(spec => spec.Globals.MinSize = …).Load()")]
    [InlineData("traffic.Globals.MinSize++;", "MinSize", "Traffic.Open(spec => spec.Globals.MinSize = …).Load()")]
    [InlineData("traffic.Maps.Events.MaxEntries = 8192;", "MaxEntries", "Traffic.Open(spec => spec.Maps.Events.MaxEntries = …).Load()")]
    [InlineData("traffic.Programs.OnExit.Enabled = false;", "Enabled", "Traffic.Open(spec => spec.Programs.OnExit.Enabled = …).Load()")]
    [InlineData("var t = Traffic.Open(); t.Attach();", "Attach", "'t' is not loaded yet and has no Attach: call Load(), as in Traffic.Open().Load()")]
    [InlineData("Traffic.Open().Programs.OnExit.Attach();", "Attach", "'Traffic.Open()' is not loaded yet and has no Programs.OnExit.Attach: call Load()")]
    [InlineData("var t = Traffic.Open(); t.Dispose();", "Dispose", "'t' is not loaded yet and has no Dispose: call Load()")]
    [InlineData("using var t = Traffic.Open();", "Traffic.Open()", "Traffic.Open() is not loaded yet, so there is nothing to dispose: call Load(), as in Traffic.Open().Load()")]
    [InlineData("using (var t = Traffic.Open()) { }", "Traffic.Open()", "Traffic.Open() is not loaded yet")]
    [InlineData("traffic.Globals.min_size = 64;", "min_size", "Globals.min_size is Globals.MinSize in C#")]
    [InlineData("traffic.Programs.OnExits.Attach();", "OnExits", "Traffic has no Programs.OnExits. Did you mean Programs.OnExit?")]
    [InlineData("traffic.Maps.Events.Poll(100);", "Poll", "BpfCountedRingBuffer has no 'Poll': traffic.Maps.Events.Consume((ref readonly Traffic.Event record) => …) reads what is there, and await foreach (var record in traffic.Maps.Events.ReadAllAsync(stop)) waits for more")]
    [InlineData("traffic.Maps.Samples.Poll(100);", "Poll", "traffic.Maps.Samples.Consume(record => …) reads what is there, and await foreach (byte[] record in")]
    [InlineData("BpfHashMap<uint, ulong> map = null!; _ = map.Size;", "Size", "the kernel does not keep a count: map.Count() counts while it reads all entries")]
    [InlineData("traffic.Programs.OnExit.Detach();", "Detach", "Attach returns a link, which Dispose and Detach of the link detach")]
    [InlineData("traffic.Programs.OnExit.Run();", "Run", "or with traffic.Programs.OnExit.TestRun on a packet or a context")]
    [InlineData("traffic.Detach();", "Detach", "Traffic has no 'Detach': traffic.Dispose() detaches its programs")]
    [InlineData("BpfLink link = null!; link.Close();", "Close", "BpfLink has no 'Close': link.Dispose() detaches it")]
    [InlineData("BpfHashMap<uint, ulong> map = null!; map.Add(1, 2);", "Add", "BpfHashMap has no 'Add': map[key] = value sets an entry, and map.TryAdd(key, value) only a new one")]
    [InlineData("BpfHashMap<uint, ulong> map = null!; map.Get(1);", "Get", "map.TryGetValue(key, out var value) says whether there is an entry")]
    [InlineData("BpfHashMap<uint, ulong> map = null!; map.Delete(1);", "Delete", "map.Remove(key) removes an entry")]
    [InlineData("BpfArrayMap<ulong> map = null!; map.Set(1, 2);", "Set", "BpfArrayMap has no 'Set': map[index] = value sets an element")]
    [InlineData("BpfArrayMap<ulong> map = null!; map.TryGetValue(1, out _);", "TryGetValue", "map[index] is an element")]
    [InlineData("BpfArrayMap<ulong> map = null!; map.Remove(1);", "Remove", "map[index] = default sets one to zero")]
    [InlineData("BpfPerCpuArrayMap<ulong> map = null!; map.Set(1, 2);", "Set", "map.SetAllCpus(index, value) sets an element for all CPUs")]
    [InlineData("BpfPerCpuHashMap<uint, ulong> map = null!; map.Add(1, 2);", "Add", "map.SetAllCpus(key, value) sets an entry for all CPUs")]
    [InlineData("BpfPerCpuHashMap<uint, ulong> map = null!; map.Lookup(1);", "Lookup", "map.TryGetValue(key, out var values)")]
    [InlineData("BpfHashMap<uint, ulong> map = null!; map.Sort();", null, null)]
    [InlineData("traffic.Globals.NoSuchVariable = 1;", null, null)]
    [InlineData("traffic.NoSuchGroup.Attach();", null, null)]
    [InlineData("Traffic.Open().NoSuchMember();", null, null)]
    [InlineData("traffic.Attach(1, 2, 3);", null, null)]
    [InlineData("\"text\".Attach();", null, null)]
    public async Task A_member_the_compiler_does_not_find_is_explained(string statements, string? place, string? explanation)
    {
        ImmutableArray<Diagnostic> all = await UserCode.AnalyzeAsItIs(UserCode.Compile(UserCode.File($"static void Use(Traffic traffic) {{ {statements} }}")), [UserCode.Traffic]);
        Diagnostic[] found = [.. all.Where(found => found.Id == "HMBPF3021")];

        Assert.Equal(place is null ? [] : [$"HMBPF3021: {place}"], found.Select(UserCode.Text));
        Assert.All(found, found => Assert.Contains(explanation!, found.GetMessage(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_these_messages_say_to_write_compiles()
    {
        const string Written = """
            static async Task Use(Traffic traffic, BpfHashMap<uint, ulong> map, BpfArrayMap<ulong> array, BpfPerCpuArrayMap<ulong> cpus, BpfPerCpuHashMap<uint, ulong> counts, PerCpu<ulong> values, BpfMapBatch<uint, ulong> batch, BpfLink link)
            {
                traffic.Maps.Events.Consume((ref readonly Traffic.Event record) => { });
                await foreach (var record in traffic.Maps.Events.ReadAllAsync(default)) { }
                traffic.Maps.Samples.Consume(record => { });
                await foreach (byte[] record in traffic.Maps.Samples.ReadAllAsync(default)) { }
                map[1] = 2; map.TryAdd(1, 2); map.TryGetValue(1, out var value); map.Remove(1); map.TryTake(1, out value); _ = map.Count(); map.TakeAll(batch);
                counts.SetAllCpus(1, 2); counts.SetOneCpu(1, 0, 2); counts.TryGetValue(1, out var found); counts.Remove(1); counts.TryTake(1, values); _ = counts.Count();
                array[1] = default; _ = array.Count; cpus.SetAllCpus(0, 1); cpus.SetOneCpu(0, 0, 1); cpus.TryGetOneCpu(0, 0, out value); _ = cpus.Count;
                traffic.Programs.CountPackets.TestRun(new byte[64]);
                link.Detach(); link.Dispose(); traffic.Dispose();
            }
            """;

        Assert.Empty((await UserCode.AnalyzeAsItIs(UserCode.Compile(UserCode.File(Written)), [UserCode.Traffic])).Where(static found => found.Id == "HMBPF3021"));
        Assert.Empty(UserCode.Compile(UserCode.File(Written)).GetDiagnostics(TestContext.Current.CancellationToken).Where(static found => found.Severity == DiagnosticSeverity.Error));
    }

    // The compiler reports each of these too.
    [Theory]
    [InlineData("_ = e.Comm == \"bash\";", "e.Comm == \"bash\"", "'e.Comm' is a text of the C, not a string. Write e.Comm.Equals(\"bash\")")]
    [InlineData("_ = \"bash\" != e.Comm;", "\"bash\" != e.Comm", "Write !e.Comm.Equals(\"bash\")")]
    [InlineData("e.Comm = \"bash\";", "\"bash\"", "'Text16' is a text of the C, not a string. Write new Text16(\"bash\"u8)")]
    [InlineData("e.Comm = name;", "name", "Write new Text16(Encoding.UTF8.GetBytes(name))")]
    [InlineData("string comm = e.Comm;", "e.Comm", "Write e.Comm.ToString()")]
    [InlineData("_ = string.IsNullOrEmpty(e.Comm);", "e.Comm", "Write e.Comm.ToString()")]
    [InlineData("string comm = 3;", null, null)]
    [InlineData("_ = e.Comm == e.Comm; object any = e.Comm; _ = e.Comm.Equals(name);", null, null)]
    public async Task A_text_of_the_C_that_is_used_as_a_string_is_explained(string statements, string? place, string? explanation)
    {
        ImmutableArray<Diagnostic> all = await UserCode.AnalyzeAsItIs(UserCode.Compile(UserCode.File($"static void Use(Traffic.Event e, string name) {{ {statements} }}")), [UserCode.Traffic]);
        Diagnostic[] found = [.. all.Where(found => found.Id == "HMBPF3023")];

        Assert.Equal(place is null ? [] : [$"HMBPF3023: {place}"], found.Select(UserCode.Text));
        Assert.All(found, found => Assert.Contains(explanation!, found.GetMessage(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("async e => await Console.Out.WriteLineAsync($\"{e.Pid}\")")]
    [InlineData("async (e) => { await Task.Delay(1); Console.WriteLine(e.Pid); }")]
    [InlineData("async (ref readonly Traffic.Event e) => { await Task.Delay(1); Console.WriteLine(e.Pid); }")]
    [InlineData("async delegate(ref readonly Traffic.Event e) { await Task.Delay(1); }")]
    [InlineData("async e => { await Task.Delay(1); }, 10")]
    public async Task A_handler_that_the_compiler_rejects_because_it_is_async_is_explained(string handler)
    {
        ImmutableArray<Diagnostic> all = await UserCode.AnalyzeAsItIs(
            UserCode.Compile(UserCode.File($"static void Use(Traffic traffic) {{ traffic.Maps.Events.Consume({handler}); }}")), [UserCode.Traffic]);

        Diagnostic found = Assert.Single(all, static found => found.Id == "HMBPF3022");
        Assert.Equal("HMBPF3022: async", UserCode.Text(found));
        Assert.EndsWith("await foreach (var record in ring.ReadAllAsync(stop))", found.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_static_variable_of_the_C_is_named()
    {
        CarrierFile events = CarrierFile.Named("Events");
        Microsoft.CodeAnalysis.CSharp.CSharpCompilation whole = GeneratorRun.Of([events], Compilations.Of("static class User { static ulong Read(Carriers.Sample.Events e) => e.Globals.HiddenStatic; }")).Whole();

        Diagnostic found = Assert.Single(await UserCode.AnalyzeAsItIs(whole, [events]), static found => found.Id == "HMBPF3021");

        Assert.Equal("'hidden_static' is static or __hidden in events.bpf.c, and C# sees only global variables: remove that keyword from its declaration", found.GetMessage());
    }

    [Fact]
    public async Task The_reader_of_a_one_file_program_comes_before_its_attach()
        => Assert.Equal(["HMBPF3020: ReadAllAsync"], await UserCode.Told(UserCode.Program(
            "using var t = Traffic.Open().Load();\nusing var stop = new CancellationTokenSource(2000);\n"
            + "foreach (var e in t.Maps.Events.ReadAllAsync(stop.Token).ToBlockingEnumerable())\n    Console.WriteLine(e.Pid);\nt.Programs.OnExit.Attach();\n")));

    [Theory]
    [InlineData("Traffic.Open().Load().Attach();", "HMBPF3002", "using var traffic2 = Traffic.Open().Load();", "traffic2.Attach();")]
    [InlineData("BpfLinkHandle.OpenPinned(\"/l\");", "HMBPF3002", "using var linkHandle = BpfLinkHandle.OpenPinned(\"/l\");")]
    [InlineData("using (var link = traffic.Programs.OnExit.Attach()) { }", "HMBPF3009", "traffic.Programs.OnExit.Attach();")]
    [InlineData("Traffic.Open().Maps.ByCpu.MaxEntries = (uint)Environment.ProcessorCount;", "HMBPF3011", "(uint)(PossibleCpus.Current.Numbers[^1] + 1);")]
    [InlineData("foreach (var (flow, counts) in traffic.Maps.Packets) { Console.WriteLine(counts.Sum()); traffic.Maps.Packets.Remove(flow); }", "HMBPF3012", "new BpfPerCpuMapBatch<Traffic.Flow, ulong>()", "traffic.Maps.Packets.TakeAll(batch)")]
    public async Task A_mistake_is_fixed(string statements, string id, params string[] then)
    {
        string mended = (await FixedCode.Of(UserCode.File($"static void Use(Traffic traffic)\n{{\n    {statements}\n}}"), id))!;

        Assert.All(then, part => Assert.Contains(part, mended, StringComparison.Ordinal));
        Assert.DoesNotContain(await UserCode.Told(mended), told => told.StartsWith(id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Code_that_removes_some_entries_gets_no_fix()
        => Assert.Null(await FixedCode.Of(
            UserCode.File("static void Use(Traffic traffic) { foreach (var (flow, bytes) in traffic.Maps.Flows) { if (bytes == 0) { traffic.Maps.Flows.Remove(flow); } } }"), "HMBPF3012"));

    [Fact]
    public async Task Generated_code_is_not_analyzed()
    {
        const string Generated = "// <auto-generated/>\nstatic class Made { static void Use() { Carriers.Sample.Traffic.Open().Load(); } }";

        Assert.Empty(await UserCode.Analyze(UserCode.Compile(UserCode.File(""), Generated)));
    }
}
