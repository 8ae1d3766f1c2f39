using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Screens;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf cost</c>: what the monitors cost on this machine.</summary>
internal static class CostCommand
{
    private const int DefaultSeconds = 5;

    internal static Command Create()
    {
        Option<int?> seconds = MonitorArguments.Seconds($"How long to measure; {DefaultSeconds} unless given.");
        Argument<string[]> names = MonitorArguments.Names();
        return new ToolCommand("cost", "Measures what the monitors cost on this machine under its present load: nanoseconds for each event (switch, packet, I/O), percent of one core, and memory. "
            + "The kernel's run statistics are on meanwhile, which adds about 100 ns to each run of every BPF program. Requires CAP_SYS_ADMIN.")
        {
            seconds, names,
        }
            .Example("sudo hmbpf cost", "all monitors, five seconds")
            .Example("sudo hmbpf cost --seconds 60 --json cpu", "one monitor for a minute, as JSON")
            .Does((arguments, terminal, stop) =>
            {
                using IDisposable statistics = BpfStatistics.Enable();
                using MonitorSet monitors = MonitorSet.Start(new MonitorSetOptions { Names = MonitorArguments.Read(arguments, names) });
                var sampler = new CostSampler();
                var taker = new SnapshotTaker();
                monitors.Read();
                sampler.Sample(monitors.Monitors, null);
                int wanted = arguments.GetValue(seconds) ?? DefaultSeconds;
                terminal.Progress($"measuring for {wanted} s");
                TopCommand.EachSecond(wanted, stop, () =>
                {
                    monitors.Read();
                    sampler.Count(taker.Take(monitors.Monitors));
                });
                Show(terminal, sampler.Sample(monitors.Monitors, null), monitors);
                return ExitCode.Success;
            });
    }

    private static void Show(Terminal terminal, CostSnapshot cost, MonitorSet monitors)
    {
        var table = new TextTable("MONITOR", "CORE", "NS/EVENT", "EVENT", "EVENTS/S", "RUNS/S", "NS/RUN", "MAPS", "CODE");
        var all = new JsonArray();
        foreach (MonitorSlot slot in monitors.Monitors)
        {
            if (cost.Monitors.FirstOrDefault(one => one.Name == slot.Name) is not { } one)
            {
                terminal.Complain($"{slot.Name}: {slot.Reason}");
                all.Add((JsonNode)new JsonObject { ["name"] = slot.Name, ["condition"] = slot.Condition.Name(), ["reason"] = slot.Reason });
                continue;
            }

            double? perRun = one.Runs == 0 ? null : (double)one.RunTimeNs / one.Runs;
            table.Add(
                one.Name, Units.Percent(one.RunTimeNs / 1e9 / cost.Seconds).Trim(), Number(one.NsPerEvent), one.Event, Number(one.Events / cost.Seconds), Number(one.Runs / cost.Seconds), Number(perRun),
                Units.Bytes(one.MapBytes).Trim(), Units.Bytes(one.ProgramBytes).Trim());
            all.Add((JsonNode)new JsonObject
            {
                ["name"] = one.Name,
                ["condition"] = slot.Condition.Name(),
                ["reason"] = slot.Reason,
                ["event"] = one.Event,
                ["events"] = one.Events,
                ["nsPerEvent"] = one.NsPerEvent,
                ["runs"] = one.Runs,
                ["runTimeNs"] = one.RunTimeNs,
                ["coreShare"] = one.RunTimeNs / 1e9 / cost.Seconds,
                ["mapBytes"] = one.MapBytes,
                ["programBytes"] = one.ProgramBytes,
            });
        }

        table.Write(terminal);
        terminal.Line();
        terminal.Line($"this process: {Units.Percent(cost.ProcessShare).Trim()} of a core to read the monitors once a second, resident memory {Units.Bytes(cost.ResidentBytes).Trim()}");
        terminal.Result(new JsonObject
        {
            ["seconds"] = cost.Seconds,
            ["processCoreShare"] = cost.ProcessShare,
            ["residentBytes"] = cost.ResidentBytes,
            ["monitors"] = all,
        });
    }

    private static string Number(double? value) => value is { } number ? Units.Number(number).Trim() : "-";
}
