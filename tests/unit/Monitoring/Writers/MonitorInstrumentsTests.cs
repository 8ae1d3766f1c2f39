using System.Diagnostics.Metrics;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Monitoring.Writers;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Writers;

public sealed class MonitorInstrumentsTests
{
    [Fact]
    public void Counters_and_gauges_are_instruments_with_the_names_units_and_values_of_the_table()
    {
        MetricStore store = PrometheusWriterTests.Full(MetricStore.DefaultLimit);
        using Meter meter = MonitorInstruments.Create(store, factory: null);
        var found = new Dictionary<string, string?>(StringComparer.Ordinal);
        var measured = new List<(string Name, double Value, KeyValuePair<string, object?>[] Tags)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                found.Add(instrument.Name, instrument.Unit);
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add((instrument.Name, value, tags.ToArray())));
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal(
            MetricTable.All.Where(static metric => metric.Kind != MetricKind.Histogram).Select(static metric => (metric.Name, metric.Unit)).Order(),
            found.Select(static one => (one.Key, one.Value!)).Order());
        int expected = 0;
        foreach (MetricFamily family in store.Families)
        {
            if (family.Metric.Kind != MetricKind.Histogram)
            {
                expected += family.Series.Count;
                foreach (MetricSeries series in family.Series)
                {
                    Assert.Contains(measured, one => one.Name == family.Metric.Name && one.Value == series.Value && one.Tags.Select(static tag => (string?)tag.Value).SequenceEqual(family.Metric.Attributes.Select((_, i) => series.Labels[i])));
                }
            }
        }

        Assert.Equal(expected, measured.Count);
    }
}
