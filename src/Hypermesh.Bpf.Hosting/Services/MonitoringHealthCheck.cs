using Hypermesh.Bpf.Monitoring;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hypermesh.Bpf.Hosting.Services;

/// <summary>Healthy when all monitors are; degraded when one of them, or the export of metrics, is not; unhealthy when no monitor runs or no reading is made.</summary>
internal sealed class MonitoringHealthCheck(MonitoringService monitoring, OtlpService? otlp = null) : IHealthCheck
{
    internal const string Name = "hypermesh";

    /// <summary>After so many periods without a reading, readings are no longer made.</summary>
    private const int LatePeriods = 10;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (monitoring is not { Monitors: { } monitors, SinceReading: { } since })
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("The monitors have not been read yet."));
        }

        return Task.FromResult(Judge(monitors.Conditions(), since, monitoring.Options.Period * LatePeriods, otlp?.Failure));
    }

    internal static HealthCheckResult Judge((string Name, MonitorCondition Condition, string? Reason)[] conditions, TimeSpan since, TimeSpan late, string? exportFailure)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach ((string name, MonitorCondition condition, string? reason) in conditions)
        {
            data[name] = reason is null ? condition.Name() : $"{condition.Name()}: {reason}";
        }

        if (exportFailure is not null)
        {
            data["export"] = exportFailure;
        }

        if (since > late)
        {
            return HealthCheckResult.Unhealthy($"The last reading was made {since.TotalSeconds:0} s ago.", data: data);
        }

        return Array.TrueForAll(conditions, static one => one.Condition == MonitorCondition.Refused) ? HealthCheckResult.Unhealthy("No monitor runs.", data: data)
            : exportFailure is not null || Array.Exists(conditions, static one => one.Condition != MonitorCondition.Ok) ? HealthCheckResult.Degraded("Not everything is monitored.", data: data)
            : HealthCheckResult.Healthy("All monitors run.", data);
    }
}
