using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Hooks;

namespace Hypermesh.Bpf.Monitoring.Series;

/// <summary>The figures that all monitors have: their condition, their hooks, loss, errors and cost.</summary>
internal static class TrustFigures
{
    /// <summary>Hands them to a sink.</summary>
    internal static void Report(MonitorSlot slot, IFigureSink sink)
    {
        sink.Set(MetricTable.MonitorState, 1, new MetricLabels(slot.Name, slot.Condition.Name()));
        if (!slot.HasReading)
        {
            return;
        }

        MonitorReading reading = slot.Reading!;
        foreach (MonitorHook hook in reading.HookArray)
        {
            var labels = new MetricLabels(slot.Name, hook.Name, hook.Source is { } source ? source.Name() : "none");
            sink.Set(MetricTable.HookLive, hook.State == HookState.Fired ? 1 : 0, labels);
            sink.Set(MetricTable.HookBlind, hook.State == HookState.Blind ? 1 : 0, labels);
            sink.Add(MetricTable.HookFired, hook.LastFired, labels);
        }

        sink.Add(MetricTable.EventsMissed, reading.Missed, new MetricLabels(slot.Name));
        foreach (GroundTruth truth in reading.TruthList)
        {
            sink.Set(MetricTable.GroundTruthError, truth.ErrorShare, new MetricLabels(slot.Name, truth.Figure));
        }

        sink.Set(MetricTable.StatisticsEnabled, reading.CostNs is null ? 0 : 1);
        if (reading is { CostNs: { } ns, CostRuns: { } runs })
        {
            sink.Add(MetricTable.ProgramRunTime, ns / 1e9, new MetricLabels(slot.Name));
            sink.Add(MetricTable.ProgramRuns, runs, new MetricLabels(slot.Name));
        }
    }
}
