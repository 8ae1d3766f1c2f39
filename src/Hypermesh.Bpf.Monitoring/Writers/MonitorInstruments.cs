using System.Diagnostics.Metrics;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Series;

namespace Hypermesh.Bpf.Monitoring.Writers;

/// <summary>The counters and gauges of a store as observable instruments, with the names and units of the table.</summary>
internal static class MonitorInstruments
{
    internal const string MeterName = "Hypermesh.Bpf.Monitoring";

    internal static Meter Create(MetricStore store, IMeterFactory? factory)
    {
        var options = new MeterOptions(MeterName) { Version = typeof(MonitorInstruments).Assembly.GetName().Version?.ToString(3) };
        Meter meter = factory?.Create(options) ?? new Meter(options);
        foreach (MetricFamily family in store.Families)
        {
            Metric metric = family.Metric;
            switch (metric.Kind)
            {
                case MetricKind.Counter:
                    meter.CreateObservableCounter(metric.Name, () => Observe(store, family), metric.Unit, metric.Help);
                    break;
                case MetricKind.Gauge:
                    meter.CreateObservableGauge(metric.Name, () => Observe(store, family), metric.Unit, metric.Help);
                    break;
            }
        }

        return meter;
    }

    private static Measurement<double>[] Observe(MetricStore store, MetricFamily family)
    {
        lock (store.Gate)
        {
            var measurements = new Measurement<double>[family.Series.Count];
            for (int i = 0; i < measurements.Length; i++)
            {
                MetricSeries series = family.Series[i];
                measurements[i] = new Measurement<double>(series.Value, series.Tags(family.Metric));
            }

            return measurements;
        }
    }
}
