using System.Diagnostics;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>Samples what the monitors of this process cost. The run times are there only while the kernel measures them (<see cref="BpfStatistics"/>).</summary>
internal sealed class CostSampler
{
    // What one event of each monitor is: the unit in which its cost can be compared with other tools.
    private static readonly Dictionary<string, (string Event, Metric[] Metrics)> s_events = new(StringComparer.Ordinal)
    {
        ["cpu"] = ("switch", [MetricTable.ContextSwitches]),
        ["network"] = ("packet", [MetricTable.NetworkPackets]),
        ["tcp"] = ("rtt sample", [MetricTable.TcpRtt]),
        ["disk"] = ("I/O", [MetricTable.DiskOperations]),
        ["memory"] = ("allocation", [MetricTable.PageAllocations]),
        ["process"] = ("exec/fork/exit", [MetricTable.ProcessExecs, MetricTable.ProcessesCreated, MetricTable.ProcessExits]),
        ["file"] = ("operation", [MetricTable.FileOperations]),
        ["gpu"] = ("job", [MetricTable.GpuRunTime]),
    };

    private readonly Dictionary<string, (ulong Runs, ulong Ns)> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (double Events, double Seconds)> _counted = new(StringComparer.Ordinal);
    private TimeSpan _lastCpu;
    private long _lastTime;

    /// <summary>Counts the events of a reading.</summary>
    internal void Count(Snapshot snapshot)
    {
        foreach (MonitorSnapshot monitor in snapshot.Monitors)
        {
            (_, Metric[] metrics) = s_events.GetValueOrDefault(monitor.Name, ("", []));
            if (monitor.Seconds > 0 && metrics.Any(metric => monitor.Figures.ContainsKey(metric.Name)))
            {
                double events = metrics.Sum(metric => metric.Kind == MetricKind.Histogram ? monitor.Values(metric)?.Count ?? 0 : monitor.Sum(metric) ?? 0);
                (double before, double seconds) = _counted.GetValueOrDefault(monitor.Name);
                _counted[monitor.Name] = (before + events, seconds + monitor.Seconds);
            }
        }
    }

    /// <summary>Reads what they cost since the previous call.</summary>
    /// <param name="monitors">The monitors.</param>
    /// <param name="refusal">Why run times are not measured; null when they are.</param>
    internal CostSnapshot Sample(IEnumerable<MonitorSlot> monitors, string? refusal)
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = _lastTime == 0 ? 0 : Stopwatch.GetElapsedTime(_lastTime, now).TotalSeconds;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        double share = seconds > 0 ? (cpu - _lastCpu).TotalSeconds / seconds : 0;
        (_lastTime, _lastCpu) = (now, cpu);
        var costs = new List<MonitorCost>();
        foreach (MonitorSlot slot in monitors)
        {
            if (slot.Monitor is { } monitor)
            {
                costs.Add(Sample(monitor, seconds));
            }
        }

        _counted.Clear();
        return new CostSnapshot(costs, seconds, (ulong)Environment.WorkingSet, share, refusal);
    }

    private MonitorCost Sample(KernelMonitor monitor, double seconds)
    {
        ulong runs = 0, ns = 0, code = 0, maps = 0;
        foreach (BpfProgram program in monitor.Programs)
        {
            BpfRunStatistics statistics = program.GetRunStatistics();
            runs += statistics.RunCount;
            ns += statistics.RunTimeNs;
            code += Memory.Of(program);
        }

        foreach (BpfMapHandle map in monitor.Maps)
        {
            maps += map.IsCreated ? Memory.Of(map) : 0;
        }

        (ulong lastRuns, ulong lastNs) = _last.GetValueOrDefault(monitor.Name);
        _last[monitor.Name] = (runs, ns);
        (string name, _) = s_events.GetValueOrDefault(monitor.Name, ("event", []));

        // The readings and the statistics have periods that differ by the time between two calls: the rate is what both share.
        double? events = _counted.TryGetValue(monitor.Name, out (double Events, double Seconds) counted) ? counted.Events / counted.Seconds * seconds : null;
        return new MonitorCost(monitor.Name, name, events, seconds > 0 ? runs - lastRuns : 0, seconds > 0 ? ns - lastNs : 0, maps, code);
    }
}
