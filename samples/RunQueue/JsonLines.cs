using System.Text.Json;
using System.Text.Json.Serialization;
using Hypermesh.Bpf.Monitoring;

namespace RunQueue;

/// <summary>Writes one JSON object a line.</summary>
internal sealed class JsonLines(TextWriter output) : IOutput
{
    private const double NanosecondsPerSecond = 1e9;

    // Values that were not measured are left out: a cost without --cost, a percentile without waits.
    private static readonly JsonSerializerOptions s_options = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public Task Run(Func<Action<CpuReading>, Task> loop) => loop(Show);

    private void Show(CpuReading reading)
    {
        CpuFigures total = reading.Total;
        output.WriteLine(JsonSerializer.Serialize(new
        {
            startNs = reading.StartNs,
            endNs = reading.EndNs,
            switches = total.Switches,
            recursionMisses = reading.RecursionMisses,
            ctxt = reading.Ctxt,
            ctxtLow = reading.CtxtLow,
            ctxtHigh = reading.CtxtHigh,
            error = reading.Error,
            agrees = reading.Agrees,
            explanation = reading.Explain(),
            perfSwitches = total.PerfSwitches,
            voluntary = total.Voluntary,
            involuntary = total.Involuntary,
            unseen = total.Unseen,
            unseenShare = Share(total.UnseenShare),
            missed = total.Missed,
            missedShare = Share(total.MissedShare),
            torn = total.IsTorn,
            latencyCount = total.Latency.Count,
            latencySumNs = Math.Round(total.Latency.Sum * NanosecondsPerSecond),
            p50Ns = Percentile(total, 0.5),
            p90Ns = Percentile(total, 0.9),
            p99Ns = Percentile(total, 0.99),
            costNs = reading.CostNs,
            costRuns = reading.CostRuns,
            cpus = reading.Cpus.Select(cpu => new
            {
                cpu = cpu.Number,
                switches = cpu.Switches,
                perfSwitches = cpu.PerfSwitches,
                voluntary = cpu.Voluntary,
                involuntary = cpu.Involuntary,
                unseen = cpu.Unseen,
                unseenShare = Share(cpu.UnseenShare),
                missed = cpu.Missed,
                missedShare = Share(cpu.MissedShare),
                torn = cpu.IsTorn,
                p50Ns = Percentile(cpu, 0.5),
                p90Ns = Percentile(cpu, 0.9),
                p99Ns = Percentile(cpu, 0.99),
            }),
        }, s_options));
        output.Flush();
    }

    private static double Share(double share) => Math.Round(share, 6);

    private static long? Percentile(CpuFigures figures, double share) => figures.Latency.Count == 0 ? null : (long)(figures.Latency.Percentile(share) * NanosecondsPerSecond);
}
