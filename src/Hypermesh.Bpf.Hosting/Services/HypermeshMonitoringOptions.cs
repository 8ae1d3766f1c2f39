using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Hosting;

/// <summary>The options of <see cref="HypermeshMonitoringExtensions.AddHypermeshMonitoring"/>.</summary>
public sealed class HypermeshMonitoringOptions
{
    /// <summary>Which monitors are started, and how.</summary>
    public MonitorSetOptions Monitors { get; init; } = new();

    /// <summary>The time between two readings; positive.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Creates the meter <c>Hypermesh.Bpf.Monitoring</c> with the counters and gauges, for an application's own OpenTelemetry. Switch it off where <see cref="HypermeshMonitoringExtensions.AddHypermeshOtlp"/>
    /// sends the same figures.
    /// </summary>
    public bool HasMeter { get; init; } = true;

    /// <summary>The most clients of the event stream at one time; a further one is refused with status 503.</summary>
    public int EventClients { get; init; } = 16;

    /// <summary>Starts the monitors; tests have their own.</summary>
    internal Func<MonitorSetOptions, MonitorSet> Start { get; init; } = MonitorSet.Start;
}
