using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>What BPF programs cost: all of the machine, and those of the monitors.</summary>
internal static class CostScreens
{
    private const string Statistics = "statistics on meanwhile, about 100 ns more a run; % of one core; * ours";

    /// <summary>All BPF programs of the machine.</summary>
    internal static Body Programs(ScreenData data, ScreenState state, int width, int height)
    {
        if (data.Programs is not { } programs)
        {
            return new Body([Line.Of(data.Replay is null ? "measuring" : "a recording does not have the programs of the machine", Colour.Dim)]);
        }

        if (programs.Refusal is not null)
        {
            return new Body([.. Line.Wrap(programs.Refusal, width, 0, Colour.Red)]);
        }

        if (programs.Seconds <= 0)
        {
            return new Body([Line.Of("measuring: the first figures come in a second", Colour.Dim)]);
        }

        var table = new Table("program", "CPU", "run/s", "ns/run", "missed", "maps", "type", "owner")
        {
            Total = Row("total", programs.Programs, programs.MapBytes, programs.Seconds, $"{programs.Programs.Count} programs", ""),
        };
        foreach (ProgramCost program in programs.Programs)
        {
            table.Add(Row($"{(program.IsOurs ? "*" : " ")}{program.Name}", [program], program.MapBytes, programs.Seconds, program.Type, program.Owner));
        }

        var lines = new List<Line> { Line.Of(Statistics, Colour.Dim) };
        return table.Render(width, height - lines.Count, state).Below(lines);
    }

    /// <summary>The cost of each monitor.</summary>
    internal static Body Monitors(ScreenData data, ScreenState state, int width, int height)
    {
        if (data.Cost is not { } cost)
        {
            return new Body([Line.Of(data.Replay is null ? "measuring" : "a recording does not have the cost of the monitors", Colour.Dim)]);
        }

        var lines = new List<Line> { Line.Of(Statistics, Colour.Dim) };
        if (cost.Refusal is not null)
        {
            lines.AddRange(Line.Wrap(cost.Refusal, width, 0, Colour.Red));
        }

        lines.Add(new Line().Add("this process  ", Colour.Bold).Add($"{Units.Percent(cost.ProcessShare).Trim()} of a core  resident memory {Units.Bytes(cost.ResidentBytes).Trim()}"));
        Table table = Table(cost);
        return table.Render(width, height - lines.Count, state).Below(lines);
    }

    /// <summary>The cost of each monitor as a table.</summary>
    internal static Table Table(CostSnapshot cost)
    {
        bool isMeasured = cost.Refusal is null && cost.Seconds > 0;
        var table = new Table("monitor", "CPU", "ns/event", "event", "event/s", "run/s", "ns/run", "maps", "code") { IsOrdered = true };
        foreach (MonitorCost monitor in cost.Monitors)
        {
            table.Add(
                Cell.Of(monitor.Name),
                isMeasured ? Share(monitor.RunTimeNs, cost.Seconds) : Cell.None,
                isMeasured && monitor.NsPerEvent is { } ns ? new Cell(Units.Number(ns), ns) : Cell.None,
                Cell.Of(monitor.Event),
                monitor.Events is { } events && cost.Seconds > 0 ? new Cell(Units.Number(events / cost.Seconds), events) : Cell.None,
                isMeasured ? new Cell(Units.Number(monitor.Runs / cost.Seconds), monitor.Runs) : Cell.None,
                isMeasured && monitor.Runs > 0 ? PerRun(monitor.RunTimeNs, monitor.Runs) : Cell.None,
                new Cell(Units.Bytes(monitor.MapBytes), monitor.MapBytes),
                new Cell(Units.Bytes(monitor.ProgramBytes), monitor.ProgramBytes));
        }

        return table;
    }

    private static Cell[] Row(string name, IReadOnlyList<ProgramCost> programs, ulong? mapBytes, double seconds, string type, string owner)
    {
        ulong runs = 0, ns = 0, missed = 0;
        foreach (ProgramCost program in programs)
        {
            runs += program.Runs;
            ns += program.RunTimeNs;
            missed += program.Missed;
        }

        return
        [
            Cell.Of(name), Share(ns, seconds), new Cell(Units.Number(runs / seconds), runs), runs > 0 ? PerRun(ns, runs) : Cell.None,
            new Cell(Units.Number(missed), missed, missed > 0 ? Colour.Red : Colour.None), mapBytes is { } bytes ? new Cell(Units.Bytes(bytes), bytes) : Cell.None, Cell.Of(type), Cell.Of(owner),
        ];
    }

    private static Cell Share(ulong ns, double seconds) => new(Units.Percent(ns / 1e9 / seconds), ns);

    private static Cell PerRun(ulong ns, ulong runs) => new(Units.Number((double)ns / runs), (double)ns / runs);
}
