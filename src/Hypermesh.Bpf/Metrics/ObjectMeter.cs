using System.Diagnostics.Metrics;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Metrics;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Metrics;

/// <summary>
/// The instruments of a live object that its C declares with <c>hypermesh/metric.h</c>. They read its maps and variables only when a listener asks, and end with the object.
/// </summary>
internal sealed class ObjectMeter : IDisposable
{
    internal const string MeterName = "Hypermesh.Bpf.Objects";
    internal const string ObjectTag = "bpf.object";

    private readonly Meter _meter;

    private ObjectMeter(string objectName)
        => _meter = new Meter(new MeterOptions(MeterName)
        {
            Version = typeof(ObjectMeter).Assembly.GetName().Version?.ToString(3),
            Tags = [new(ObjectTag, objectName)],
        });

    /// <summary>Creates the instruments of an object; null when it declares none.</summary>
    /// <param name="spec">The object as it was loaded.</param>
    /// <param name="maps">Its maps.</param>
    /// <param name="sectionMaps">The maps of its data sections.</param>
    /// <param name="sections">Its data sections that are mapped.</param>
    /// <param name="logger">Receives a warning for each tag that is left out.</param>
    internal static ObjectMeter? Create(
        BpfObjectSpec spec,
        IReadOnlyDictionary<string, BpfMapHandle> maps,
        IReadOnlyDictionary<string, BpfMapHandle> sectionMaps,
        IReadOnlyDictionary<string, BpfGlobalSection> sections,
        ILogger logger)
    {
        MetricTags tags = MetricTagReader.Read(spec);
        foreach (MetricFault fault in tags.Faults)
        {
            logger.MetricLeftOut(fault.Use, fault.Subject, spec.Name, fault.Problem);
        }

        ObjectMeter? meter = null;
        foreach (MetricDefinition metric in tags.Metrics)
        {
            // A map that the spec leaves out has no values.
            if ((metric.Map is { } map ? maps[map.Name] : sectionMaps[metric.Section!.Name]) is { IsCreated: true } handle)
            {
                meter ??= new ObjectMeter(spec.Name);
                meter.Add(metric.Map is not null
                    ? new MapMetric(metric, handle, logger)
                    : new VariableMetric(metric, handle, sections.GetValueOrDefault(metric.Section!.Name), logger));
            }
        }

        return meter;
    }

    /// <summary>Ends the instruments. A listener that reads one meanwhile gets no measurements of it.</summary>
    public void Dispose() => _meter.Dispose();

    private void Add(MetricSource source)
    {
        MetricTag tag = source.Definition.Tag;
        string? unit = tag.Unit.Length == 0 ? null : tag.Unit;
        string? description = tag.Description.Length == 0 ? null : tag.Description;
        if (tag.IsCounter)
        {
            _meter.CreateObservableCounter(tag.Name, source.Observe, unit, description);
        }
        else
        {
            _meter.CreateObservableGauge(tag.Name, source.Observe, unit, description);
        }
    }
}
