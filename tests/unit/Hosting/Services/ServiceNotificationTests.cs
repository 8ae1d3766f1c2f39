using Hypermesh.Bpf.Hosting.Services;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Unit.Hosting.Services;

public sealed class ServiceNotificationTests
{
    [Theory]
    [InlineData(true, "cpu ok", "READY=1\nWATCHDOG=1\nSTATUS=cpu ok")]
    [InlineData(false, null, "WATCHDOG=1")]
    [InlineData(false, "cpu degraded", "WATCHDOG=1\nSTATUS=cpu degraded")]
    public void The_service_is_ready_once_and_alive_with_each_reading(bool isFirst, string? status, string expected) => Assert.Equal(expected, ServiceNotification.Message(isFirst, status));

    [Fact]
    public void The_status_is_the_condition_of_each_monitor()
        => Assert.Equal("cpu ok, gpu refused", ServiceNotification.Status([("cpu", MonitorCondition.Ok, null), ("gpu", MonitorCondition.Refused, "why")]));
}
