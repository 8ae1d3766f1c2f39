using Hypermesh.Bpf.Hosting.Services;
using Hypermesh.Bpf.Monitoring;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Hypermesh.Bpf.Hosting;

/// <summary>Adds the monitors to an application.</summary>
public static class HypermeshMonitoringExtensions
{
    /// <summary>
    /// Starts the monitors with the application, reads them once a period, and detaches them at its end. Adds the health check <c>hypermesh</c>, and the meter
    /// <c>Hypermesh.Bpf.Monitoring</c>. A monitor that cannot run here is logged and reported by the health check; the application starts all the same. Requires CAP_BPF and CAP_PERFMON.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddHypermeshMonitoring(this IServiceCollection services, HypermeshMonitoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options ?? new HypermeshMonitoringOptions());
        services.AddSingleton<MonitoringService>();
        services.AddHostedService(static provider => provider.GetRequiredService<MonitoringService>());
        services.AddSingleton<ReadingFeed>();
        services.AddHostedService(static provider => provider.GetRequiredService<ReadingFeed>());
        services.AddSingleton<MonitoringHealthCheck>();
        services.AddHealthChecks().AddCheck<MonitoringHealthCheck>(MonitoringHealthCheck.Name);
        return services;
    }

    /// <summary>Sends all totals, histograms included, to a receiver of OpenTelemetry's protocol once every <see cref="OtlpOptions.Period"/> (a minute by default). A receiver that fails is logged, and makes the health check degraded.</summary>
    /// <param name="services">The services of the application, after <see cref="AddHypermeshMonitoring"/>.</param>
    /// <param name="options">Where to send, such as <see cref="OtlpOptions.FromEnvironment"/>.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddHypermeshOtlp(this IServiceCollection services, OtlpOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.AddSingleton<OtlpService>();
        services.AddHostedService(static provider => provider.GetRequiredService<OtlpService>());
        return services;
    }

    /// <summary>
    /// Notifies systemd (<c>Type=notify</c>, <c>WatchdogSec=</c>) when the first reading is made, with each later one, and when the application stops; the status is the condition of each monitor. For
    /// a service that does nothing but monitor; one that uses <c>AddSystemd</c> notifies already.
    /// </summary>
    /// <param name="services">The services of the application, after <see cref="AddHypermeshMonitoring"/>.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddHypermeshServiceNotification(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddHostedService<ServiceNotification>();
    }
}
