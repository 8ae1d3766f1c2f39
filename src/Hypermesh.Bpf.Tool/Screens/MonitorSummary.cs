using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Tool.Monitors;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>The most important figures of each monitor as short texts, the most important first. A figure that a monitor does not have is a dash.</summary>
internal static class MonitorSummary
{
    internal static IEnumerable<string> Of(MonitorSnapshot monitor) => monitor.Name switch
    {
        "cpu" => Cpu(monitor),
        "network" => Network(monitor),
        "tcp" => Tcp(monitor),
        "disk" => Disk(monitor),
        "memory" => Memory(monitor),
        "process" => Process(monitor),
        "file" => File(monitor),
        "gpu" => Gpu(monitor),
        _ => [],
    };

    private static IEnumerable<string> Cpu(MonitorSnapshot cpu) =>
    [
        $"switches {PerSecond(cpu.Rate(MetricTable.ContextSwitches))}",
        $"runq {Percentiles(cpu.Values(MetricTable.RunQueueLatency))}",
        $"softirq {Share(cpu.Rate(MetricTable.SoftirqTime))}",
        $"irq {Share(cpu.Rate(MetricTable.IrqTime))}",
        $"tasks {Share(cpu.Rate(MetricTable.TaskTime))}",
        $"migr {PerSecond(cpu.Rate(MetricTable.Migrations))}",
    ];

    private static IEnumerable<string> Network(MonitorSnapshot network)
    {
        string? busiest = network.Figures.GetValueOrDefault(MetricTable.NetworkBytes.Name)?.Greatest()?.Label;
        string drops = network.Figures.GetValueOrDefault(MetricTable.NetworkDrops.Name)?.Greatest() is { } reason ? " " + reason.Label : "";
        return
        [
            $"{busiest ?? "none:"} rx {BytesPerSecond(network.Rate(MetricTable.NetworkBytes, busiest, "receive"))} {PerSecond(network.Rate(MetricTable.NetworkPackets, busiest, "receive"))}",
            $"tx {BytesPerSecond(network.Rate(MetricTable.NetworkBytes, busiest, "transmit"))} {PerSecond(network.Rate(MetricTable.NetworkPackets, busiest, "transmit"))}",
            $"drops {PerSecond(OrZero(network, network.Rate(MetricTable.NetworkDrops)))}{drops}",
            $"all {BytesPerSecond(network.Rate(MetricTable.NetworkBytes))} {PerSecond(network.Rate(MetricTable.NetworkPackets))}",
        ];
    }

    private static IEnumerable<string> Tcp(MonitorSnapshot tcp) =>
    [
        $"est {Count(tcp.Sum(MetricTable.TcpConnections, "established"))}",
        $"rtt {Percentiles(tcp.Values(MetricTable.TcpRtt))}",
        $"retrans {PerSecond(OrZero(tcp, tcp.Rate(MetricTable.TcpRetransmits)))}",
        $"ended {PerSecond(tcp.Values(MetricTable.TcpDuration) is { } ended ? ended.Count / tcp.Seconds : null)}",
        $"life {Percentiles(tcp.Values(MetricTable.TcpDuration))}",
    ];

    private static IEnumerable<string> Disk(MonitorSnapshot disk)
    {
        string? busiest = disk.Figures.GetValueOrDefault(MetricTable.DiskBytes.Name)?.Greatest()?.Label;
        return
        [
            $"{busiest ?? "none:"} r {BytesPerSecond(disk.Rate(MetricTable.DiskBytes, busiest, "read"))} {PerSecond(disk.Rate(MetricTable.DiskOperations, busiest, "read"))}",
            $"w {BytesPerSecond(disk.Rate(MetricTable.DiskBytes, busiest, "write"))} {PerSecond(disk.Rate(MetricTable.DiskOperations, busiest, "write"))}",
            $"{Percentiles(disk.Values(MetricTable.DiskDuration, "device"))}",
            $"err {PerSecond(OrZero(disk, disk.Rate(MetricTable.DiskErrors)))}",
            $"queue {Percentiles(disk.Values(MetricTable.DiskDuration, "queue"))}",
        ];
    }

    private static IEnumerable<string> Memory(MonitorSnapshot memory)
    {
        Figure? left = memory.Figures.GetValueOrDefault(MetricTable.CGroupTimeToLimit.Name);
        string soonest = left is { Points.Count: > 0 } && left.Points.MinBy(static point => point.Value) is var point ? $"{point.Labels.First} limit in {Units.Time(point.Value).Trim()}" : "no limit near";
        double? stalls = memory.Values(MetricTable.ReclaimDuration) is { } reclaim ? reclaim.Count / memory.Seconds : null;
        return
        [
            $"reclaim {PerSecond(stalls)}",
            $"psi some {Share(memory.Rate(MetricTable.PressureStallTime, "memory", "some"))}",
            $"oom {Count(OrZero(memory, memory.Sum(MetricTable.OomKills)))}",
            soonest,
            $"alloc {PerSecond(memory.Rate(MetricTable.PageAllocations))}",
        ];
    }

    private static IEnumerable<string> Process(MonitorSnapshot process) =>
    [
        $"exec {PerSecond(process.Rate(MetricTable.ProcessExecs))}",
        $"fork {PerSecond(process.Rate(MetricTable.ProcessesCreated))}",
        $"exit {PerSecond(process.Rate(MetricTable.ProcessExits))}",
        $"failed {PerSecond(process.Rate(MetricTable.ProcessExits) - process.Rate(MetricTable.ProcessExits, "0"))}",
        $"life {Percentiles(process.Values(MetricTable.ProcessLifetime))}",
    ];

    private static IEnumerable<string> File(MonitorSnapshot file) =>
    [
        $"open {PerSecond(file.Rate(MetricTable.FileOperations, "open"))}",
        $"unlink {PerSecond(file.Rate(MetricTable.FileOperations, "unlink"))}",
        $"rename {PerSecond(file.Rate(MetricTable.FileOperations, "rename"))}",
        $"io_uring {PerSecond(file.Rate(MetricTable.FileOperations, null, "io_uring"))}",
        $"unseen {PerSecond(OrZero(file, file.Rate(MetricTable.FileUnattributed)))}",
    ];

    private static IEnumerable<string> Gpu(MonitorSnapshot gpu) =>
    [
        $"jobs {PerSecond(gpu.Values(MetricTable.GpuRunTime) is { } jobs ? jobs.Count / gpu.Seconds : null)}",
        $"run {Percentiles(gpu.Values(MetricTable.GpuRunTime))}",
        $"fences {Percentiles(gpu.Values(MetricTable.FenceDuration))}",
        $"busy {Share(gpu.Sum(MetricTable.GpuUtilization))}",
    ];

    // A figure with many attributes has no point where nothing happened. Where a hook is absent, that is not known.
    private static double? OrZero(MonitorSnapshot monitor, double? value) => value ?? (monitor.Hooks.Any(static hook => hook.State == HookState.Absent) ? null : 0);

    private static string PerSecond(double? value) => value is { } rate ? Units.Number(rate) + "/s" : "      -";

    private static string BytesPerSecond(double? value) => value is { } rate ? Units.Bytes(rate) + "/s" : "       -";

    private static string Share(double? value) => value is { } share ? Units.Percent(share) : "     -";

    private static string Count(double? value) => value is { } count ? Units.Number(count) : "    -";

    private static string Percentiles(Exp2Histogram? values)
        => values is { Count: > 0 } ? $"p50 {Units.Time(values.Percentile(0.5))} p99 {Units.Time(values.Percentile(0.99))}" : "p50      - p99      -";
}
