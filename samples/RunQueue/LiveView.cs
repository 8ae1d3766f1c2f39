using System.Globalization;
using Hypermesh.Bpf.Monitoring;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RunQueue;

/// <summary>A table of the CPUs and a histogram of all waits, drawn again each second; where the output is not a terminal, one below the other.</summary>
internal sealed class LiveView : IOutput
{
    private const double NanosecondsPerSecond = 1e9;
    private const int BarWidth = 50;

    public Task Run(Func<Action<CpuReading>, Task> loop)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
            return loop(static reading => AnsiConsole.Write(Draw(reading)));
        }

        return AnsiConsole.Live(new Text("Counting...")).AutoClear(false).StartAsync(context => loop(reading =>
        {
            context.UpdateTarget(Draw(reading));
            context.Refresh();
        }));
    }

    private static Rows Draw(CpuReading reading) => new(Table(reading), Histogram(reading.Total.Latency), Verdict(reading));

    private static Table Table(CpuReading reading)
    {
        Table table = new Table().Title($"Context switches and run-queue latency in {Time(reading.Duration.TotalNanoseconds)}").Border(TableBorder.Simple);
        foreach (string name in (string[])["CPU", "switches", "voluntary", "invol.", "unseen", "missed", "p50", "p90", "p99"])
        {
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap().Padding(1, 0, 0, 0));
        }

        foreach (CpuFigures cpu in reading.Cpus)
        {
            AddRow(table, cpu.Number.ToString(CultureInfo.InvariantCulture), cpu);
        }

        AddRow(table, "all", reading.Total);
        return table;
    }

    private static void AddRow(Table table, string name, CpuFigures cpu)
    {
        IEnumerable<string> figures =
        [
            name, Count(cpu.Switches), Count(cpu.Voluntary), Count(cpu.Involuntary), Share(cpu.UnseenShare), Share(cpu.MissedShare),
            Percentile(cpu, 0.5), Percentile(cpu, 0.9), Percentile(cpu, 0.99),
        ];
        table.AddRow(figures.Select(figure => new Text(figure)));
    }

    private static IRenderable Histogram(Exp2Histogram latency)
    {
        int first = latency.Slots.IndexOfAnyExcept(0UL);
        int last = latency.Slots.LastIndexOfAnyExcept(0UL);
        if (first < 0)
        {
            return new Text("Nothing waited for a CPU.");
        }

        ulong most = 0;
        foreach (ulong count in latency.Slots)
        {
            most = Math.Max(most, count);
        }

        var grid = new Grid().AddColumn(new GridColumn().RightAligned()).AddColumn().AddColumn(new GridColumn().RightAligned());
        for (int slot = first; slot <= last; slot++)
        {
            ulong count = latency.Slots[slot];
            var bar = new Text(new string('■', (int)Math.Ceiling((double)count / most * BarWidth)).PadRight(BarWidth), new Style(Color.Green));
            grid.AddRow(new Text($"{Time(latency.LowerBound(slot) * NanosecondsPerSecond)} to {Time(latency.UpperBound(slot) * NanosecondsPerSecond)}"), bar, new Text(Count(count)));
        }

        return grid;
    }

    private static Text Verdict(CpuReading reading)
    {
        string misses = reading.RecursionMisses == 0 ? "" : $" and {Count(reading.RecursionMisses)} recursion misses";
        string kernel = reading.CtxtLow == reading.CtxtHigh ? Count(reading.CtxtLow) : $"{Count(reading.CtxtLow)} to {Count(reading.CtxtHigh)}";
        string figures = $"{Count(reading.Total.Switches)} switches seen{misses}; the kernel counted {kernel}";
        string cost = reading.CostNs is { } ns ? $"; the monitor took {Time((double)ns / Math.Max(1, reading.Ctxt))} of each" : "";
        string explanation = reading.Explain() is { } reason ? $" {reason}" : "";
        return reading.Agrees && !reading.Total.IsTorn
            ? new Text($"{figures}: within 1 %{cost}.", new Style(Color.Grey))
            : new Text($"{figures}: off by {reading.Error}{cost}.{explanation}", new Style(Color.Red));
    }

    private static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(double share) => share == 0 ? "-" : share.ToString(share < 0.0995 ? "0.0 %" : "0 %", CultureInfo.InvariantCulture);

    private static string Percentile(CpuFigures cpu, double share) => cpu.Latency.Count == 0 ? "-" : Time(cpu.Latency.Percentile(share) * NanosecondsPerSecond);

    // At most 7 characters, so that the table fits a terminal of 80 columns.
    private static string Time(double ns) => ns switch
    {
        < 999.5 => ns.ToString("0 ns", CultureInfo.InvariantCulture),
        < 999.5e3 => ThreeDigits(ns / 1e3) + " µs",
        < 999.5e6 => ThreeDigits(ns / 1e6) + " ms",
        _ => ThreeDigits(ns / 1e9) + " s",
    };

    private static string ThreeDigits(double value) => value.ToString(value < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
