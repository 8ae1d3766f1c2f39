using Hypermesh.Bpf.Hosting.Endpoints;
using Hypermesh.Bpf.Hosting.Services;
using Hypermesh.Bpf.Monitoring;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hypermesh.Bpf.Tests.Unit.Hosting.Services;

public sealed class MonitoringHealthCheckTests
{
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(MonitorCondition.Ok, MonitorCondition.Ok, 1, null, HealthStatus.Healthy)]
    [InlineData(MonitorCondition.Ok, MonitorCondition.Degraded, 1, null, HealthStatus.Degraded)]
    [InlineData(MonitorCondition.Ok, MonitorCondition.Refused, 1, null, HealthStatus.Degraded)]
    [InlineData(MonitorCondition.Refused, MonitorCondition.Refused, 1, null, HealthStatus.Unhealthy)]
    [InlineData(MonitorCondition.Ok, MonitorCondition.Ok, 11, null, HealthStatus.Unhealthy)]
    [InlineData(MonitorCondition.Ok, MonitorCondition.Ok, 1, "the receiver is gone", HealthStatus.Degraded)]
    public void The_worst_decides(MonitorCondition first, MonitorCondition second, int secondsAgo, string? failure, HealthStatus expected)
        => Assert.Equal(expected, MonitoringHealthCheck.Judge([("cpu", first, null), ("disk", second, "why")], TimeSpan.FromSeconds(secondsAgo), s_late, failure).Status);

    [Fact]
    public void Each_monitor_is_a_line_with_its_reason()
    {
        HealthCheckResult result = MonitoringHealthCheck.Judge([("cpu", MonitorCondition.Ok, null), ("gpu", MonitorCondition.Refused, "no DRM driver")], TimeSpan.Zero, s_late, null);
        var report = new HealthReport(new Dictionary<string, HealthReportEntry> { ["hypermesh"] = new(result.Status, result.Description, TimeSpan.Zero, null, result.Data) }, TimeSpan.Zero);

        Assert.Equal("Degraded\nNot everything is monitored.\ncpu: ok\ngpu: refused: no DRM driver\n", HealthEndpoint.Text(report));
    }
}
