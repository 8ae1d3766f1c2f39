using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>Readings of eight monitors as JSON lines, the same at each run: what the screens are tested with.</summary>
internal static class SampleReadings
{
    internal const int Count = 60;

    private const long SecondNs = 1_000_000_000;
    private const long BootNs = 3 * 86_400 * SecondNs;

    private static readonly string[] s_directions = ["read", "write"];

    /// <summary>All readings, a line each.</summary>
    internal static IEnumerable<string> Lines(bool isTroubled = false) => Enumerable.Range(0, Count).Select(i => Reading(i, isTroubled).ToJsonString());

    /// <summary>One reading as UTF-8.</summary>
    internal static byte[] Utf8(int index, bool isTroubled = false) => Encoding.UTF8.GetBytes(Reading(index, isTroubled).ToJsonString());

    private static JsonObject Reading(int index, bool isTroubled) => new()
    {
        ["schema"] = "hypermesh.monitors/1",
        ["time"] = new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero).AddSeconds(index).ToString("O", CultureInfo.InvariantCulture),
        ["host"] = "vm",
        ["kernel"] = "6.18.44",
        ["bootId"] = "00000000-0000-0000-0000-000000000000",
        ["monitors"] = new JsonArray(
            Cpu(index, isTroubled), Network(index), Tcp(index), Disk(index, isTroubled), Memory(index), Process(index), File(index),
            new JsonObject { ["name"] = "gpu", ["condition"] = "refused", ["reason"] = "the gpu monitor cannot run here without hook drm_run_job: this kernel has no tracepoint drm_run_job", ["hooks"] = new JsonArray(), ["absentHooks"] = new JsonArray() }),
    };

    private static JsonNode Cpu(int index, bool isTroubled) => Monitor(
        index, "cpu", isTroubled ? "degraded" : "ok", isTroubled ? "hook sched_wakeup is blind: the kernel counted 5120 events and the hook 0; hypermesh.cpu.context_switches is 40000, but ctxt of /proc/stat says 41000 to 41020" : null,
        isTroubled ? -0.0244 : 0, isTroubled ? 12UL : 0,
        [Hook("sched_switch", "fired", 41_200, 41_198), Hook("sched_wakeup", isTroubled ? "blind" : "fired", isTroubled ? 0 : 5120UL, 5120), Hook("softirq_entry", "fired", 900, 880)],
        Counter("hypermesh.cpu.context_switches", "{switch}", Point(30_000 + (10 * index), ("cpu.logical_number", "0")), Point(11_200, ("cpu.logical_number", "1"))),
        Histogram("hypermesh.cpu.runqueue.latency", "s", Values(new Dictionary<int, ulong> { [-18] = 900, [-17] = 4000, [-16] = 20_000, [-15] = 9000, [-14 + (index % 5)] = 700, [-9] = (ulong)(index % 7) * 40 })),
        Counter("hypermesh.cpu.task.time", "s", Point(0.873, ("cpu.logical_number", "0")), Point(0.31, ("cpu.logical_number", "1"))),
        Counter("hypermesh.cpu.softirq.time", "s", Point(0.004, ("hypermesh.vector", "timer")), Point(0.017, ("hypermesh.vector", "net_rx"))),
        Counter("hypermesh.cpu.irq.time", "s", Point(0.003)),
        Counter("hypermesh.cpu.migrations", "{migration}", Point(80, ("cpu.logical_number", "0")), Point(40, ("cpu.logical_number", "1"))),
        Counter("hypermesh.cgroup.cpu.task.time", "s", Point(0.71, ("hypermesh.cgroup.path", "/app.slice")), Point(0.12, ("hypermesh.cgroup.path", "/system.slice/sshd.service")), Point(0.353, ("hypermesh.cgroup.path", "/"))),
        Counter("hypermesh.cgroup.cpu.context_switches", "{switch}", Point(9000, ("hypermesh.cgroup.path", "/app.slice")), Point(20, ("hypermesh.cgroup.path", "/system.slice/sshd.service")), Point(32_000, ("hypermesh.cgroup.path", "/"))));

    private static JsonNode Network(int index) => Monitor(
        index, "network", "ok", null, 0, 0, [Hook("netif_receive_skb", "fired", 96_000, 96_000), Hook("kfree_skb", "fired", 3, null)],
        Counter("system.network.packet.count", "{packet}", Interface(96_000, "eth0", "receive"), Interface(31_000, "eth0", "transmit"), Interface(12, "lo", "receive")),
        Counter("system.network.io", "By", Interface(812e6, "eth0", "receive"), Interface(44e6, "eth0", "transmit"), Interface(900, "lo", "receive")),
        Counter("hypermesh.network.drops", "{packet}", Point(3, ("hypermesh.reason", "NO_SOCKET"))));

    private static JsonNode Tcp(int index) => Monitor(
        index, "tcp", "ok", null, 0, 0, [Hook("inet_sock_set_state", "fired", 122, null), Hook("tcp_retransmit_skb", "unproven", 0, 0)],
        Histogram("hypermesh.tcp.connection.duration", "s", Values(new Dictionary<int, ulong> { [-4] = 50, [3] = 11 }, ("network.io.direction", "receive"), ("network.type", "ipv4"))),
        Histogram("hypermesh.tcp.rtt", "s", Values(new Dictionary<int, ulong> { [-12] = 800, [-11] = 200, [-6] = 4 }, ("network.type", "ipv4"))),
        Counter("hypermesh.tcp.retransmits", "{segment}"),
        Gauge("system.network.connection.count", "{connection}", Point(214, ("network.connection.state", "established")), Point(9, ("network.connection.state", "listen"))));

    private static JsonNode Disk(int index, bool isTroubled) => Monitor(
        index, "disk", "ok", null, isTroubled ? 0.001 : null, 0, [Hook("block_rq_issue", "fired", 4310, 4310), Hook("block_rq_complete", "fired", 4310, 4310)],
        Counter("system.disk.io", "By", [.. s_directions.Select((direction, i) => Disk("vda", direction, i == 0 ? 38e6 : 9e6))]),
        Counter("system.disk.operations", "{operation}", [.. s_directions.Select((direction, i) => Disk("vda", direction, i == 0 ? 4100 : 210))]),
        Histogram("hypermesh.disk.operation.duration", "s",
            Values(new Dictionary<int, ulong> { [-13] = 3000, [-12] = 1000, [-9 + (index % 3)] = 100 }, ("system.device", "vda"), ("disk.io.direction", "read"), ("hypermesh.stage", "device")),
            Values(new Dictionary<int, ulong> { [-18] = 4100 }, ("system.device", "vda"), ("disk.io.direction", "read"), ("hypermesh.stage", "queue"))));

    private static JsonNode Memory(int index) => Monitor(
        index, "memory", "degraded", "hook mm_vmscan_memcg_reclaim_begin is absent (tracepoint: tracefs cannot be read)", 0, 0, [Hook("mm_page_alloc", "fired", 88_000, null), AbsentHook("mm_vmscan_memcg_reclaim_begin", "tracepoint: tracefs cannot be read")],
        Histogram("hypermesh.memory.reclaim.duration", "s", Values([], ("hypermesh.kind", "direct"))),
        Counter("hypermesh.memory.page.allocations", "{allocation}", Point(87_000, ("hypermesh.order", "0")), Point(1000, ("hypermesh.order", "3"))),
        Counter("hypermesh.pressure.stall.time", "s", Point(0.012, ("hypermesh.resource", "memory"), ("hypermesh.kind", "some")), Point(0.001, ("hypermesh.resource", "memory"), ("hypermesh.kind", "full"))),
        Gauge("hypermesh.cgroup.memory.usage", "By", Point(750e6, ("hypermesh.cgroup.path", "/app.slice"))),
        Gauge("hypermesh.cgroup.memory.limit", "By", Point(1e9, ("hypermesh.cgroup.path", "/app.slice"))),
        Gauge("hypermesh.cgroup.memory.slope", "By/s", Point(2.1e6, ("hypermesh.cgroup.path", "/app.slice"))),
        Gauge("hypermesh.cgroup.memory.time_to_limit", "s", Point(250, ("hypermesh.cgroup.path", "/app.slice"))),
        Counter("hypermesh.memory.oom.kills", "{kill}", Point(0)));

    private static JsonNode Process(int index) => Monitor(
        index, "process", "ok", null, 0, 0, [Hook("sched_process_exec", "fired", 12, null), Hook("sched_process_exit", "fired", 12, null)],
        Counter("hypermesh.process.execs", "{exec}", Point(12)),
        Counter("system.process.created", "{process}", Point(13)),
        Counter("hypermesh.process.exits", "{process}", Point(11, ("process.exit.code", "0")), Point(1, ("process.exit.code", "signal"))),
        Histogram("hypermesh.process.lifetime", "s", Values(new Dictionary<int, ulong> { [-7] = 10, [2] = 2 })),
        Histogram("hypermesh.process.memory.peak", "By", Values(new Dictionary<int, ulong> { [22] = 10, [25] = 2 })));

    private static JsonNode File(int index) => Monitor(
        index, "file", "ok", null, 0, 0, [Hook("sys_exit_openat", "fired", 3100, null)],
        Counter("hypermesh.file.operations", "{operation}",
            Point(3038, ("hypermesh.operation", "open"), ("hypermesh.path", "syscall")), Point(60, ("hypermesh.operation", "open"), ("hypermesh.path", "io_uring")),
            Point(40, ("hypermesh.operation", "open"), ("hypermesh.path", "syscall"), ("error.type", "ENOENT")), Point(4, ("hypermesh.operation", "unlink"), ("hypermesh.path", "syscall"))),
        Counter("hypermesh.file.unattributed", "{operation}", Point(0, ("hypermesh.operation", "open"))));

    private static JsonObject Monitor(
        int index, string name, string condition, string? reason, double? error, ulong dropped, JsonNode[] hooks, params ReadOnlySpan<(string Name, JsonNode Figure)> figures)
    {
        var all = new JsonObject();
        foreach ((string figure, JsonNode value) in figures)
        {
            all[figure] = value;
        }

        return new JsonObject
        {
            ["name"] = name,
            ["condition"] = condition,
            ["reason"] = reason,
            ["hooks"] = new JsonArray([.. hooks.Where(static hook => hook["state"] is not null)]),
            ["absentHooks"] = new JsonArray([.. hooks.Where(static hook => hook["state"] is null)]),
            ["startNs"] = BootNs + (index * SecondNs),
            ["endNs"] = BootNs + ((index + 1) * SecondNs),
            ["dropped"] = dropped,
            ["missed"] = 0,
            ["error"] = error,
            ["groundTruth"] = new JsonArray(),
            ["costNs"] = null,
            ["costRuns"] = null,
            ["figures"] = all,
        };
    }

    private static JsonNode Hook(string name, string state, ulong fired, ulong? expected) => new JsonObject
    {
        ["name"] = name, ["state"] = state, ["source"] = "tp_btf", ["reason"] = null, ["fired"] = fired, ["expected"] = expected,
    };

    private static JsonNode AbsentHook(string name, string reason) => new JsonObject { ["name"] = name, ["reason"] = reason };

    private static JsonNode Interface(double value, string name, string direction) => Point(value, ("network.interface.name", name), ("network.io.direction", direction));

    private static JsonNode Disk(string device, string direction, double value) => Point(value, ("system.device", device), ("disk.io.direction", direction));

    private static JsonNode Point(double value, params (string Name, string Value)[] attributes)
    {
        JsonObject point = Attributes(attributes);
        point["value"] = value;
        return point;
    }

    private static JsonNode Values(Dictionary<int, ulong> slots, params (string Name, string Value)[] attributes)
    {
        JsonObject point = Attributes(attributes);
        KeyValuePair<int, ulong>[] filled = [.. slots.Where(static slot => slot.Value > 0).OrderBy(static slot => slot.Key)];
        point["count"] = filled.Aggregate(0UL, static (sum, slot) => sum + slot.Value);
        point["sum"] = filled.Sum(static slot => Math.ScaleB(0.75, slot.Key) * slot.Value);
        point["slots"] = new JsonArray([.. filled.Select(static slot => (JsonNode)new JsonObject { ["upTo"] = Math.ScaleB(1, slot.Key), ["count"] = slot.Value })]);
        return point;
    }

    private static JsonObject Attributes((string Name, string Value)[] attributes)
    {
        var point = new JsonObject();
        foreach ((string name, string value) in attributes)
        {
            point[name] = value;
        }

        return point;
    }

    private static (string Name, JsonNode Figure) Counter(string name, string unit, params JsonNode[] points) => (name, Figure("counter", unit, points));

    private static (string Name, JsonNode Figure) Gauge(string name, string unit, params JsonNode[] points) => (name, Figure("gauge", unit, points));

    private static (string Name, JsonNode Figure) Histogram(string name, string unit, params JsonNode[] points) => (name, Figure("histogram", unit, points));

    private static JsonObject Figure(string kind, string unit, JsonNode[] points) => new() { ["kind"] = kind, ["unit"] = unit, ["points"] = new JsonArray(points) };
}
