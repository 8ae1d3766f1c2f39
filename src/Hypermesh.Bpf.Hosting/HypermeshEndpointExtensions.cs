using Hypermesh.Bpf.Hosting.Endpoints;
using Hypermesh.Bpf.Hosting.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Hypermesh.Bpf.Hosting;

/// <summary>The endpoints of the monitors. Each requires <see cref="HypermeshMonitoringExtensions.AddHypermeshMonitoring"/>.</summary>
public static class HypermeshEndpointExtensions
{
    /// <summary>Maps the totals in Prometheus's text format 0.0.4.</summary>
    /// <param name="endpoints">The endpoints of the application.</param>
    /// <param name="path">The path.</param>
    /// <returns>The endpoint, for further conditions.</returns>
    public static IEndpointConventionBuilder MapHypermeshMetrics(this IEndpointRouteBuilder endpoints, string path = "/metrics")
        => Map(endpoints, path, static context => MetricsEndpoint.AnswerAsync(context, context.RequestServices.GetRequiredService<MonitoringService>()));

    /// <summary>Maps the last reading as one JSON object.</summary>
    /// <param name="endpoints">The endpoints of the application.</param>
    /// <param name="path">The path.</param>
    /// <returns>The endpoint, for further conditions.</returns>
    public static IEndpointConventionBuilder MapHypermeshReading(this IEndpointRouteBuilder endpoints, string path = "/api/reading")
        => Map(endpoints, path, static context => ReadingEndpoint.AnswerAsync(context, context.RequestServices.GetRequiredService<MonitoringService>()));

    /// <summary>
    /// Maps the readings as server-sent events: <c>event: reading</c> with the object of <see cref="MapHypermeshReading"/>, its number as <c>id</c>. A client that does not keep up gets
    /// <c>event: lost</c> with the number of readings that it missed.
    /// </summary>
    /// <param name="endpoints">The endpoints of the application.</param>
    /// <param name="path">The path.</param>
    /// <returns>The endpoint, for further conditions.</returns>
    public static IEndpointConventionBuilder MapHypermeshEvents(this IEndpointRouteBuilder endpoints, string path = "/api/events")
        => Map(endpoints, path, static context => EventsEndpoint.AnswerAsync(
            context, context.RequestServices.GetRequiredService<ReadingFeed>(), context.RequestServices.GetRequiredService<IHostApplicationLifetime>()));

    /// <summary>Maps the health check of the monitors as text: status 200 when they work, also in part, and 503 when none does.</summary>
    /// <param name="endpoints">The endpoints of the application.</param>
    /// <param name="path">The path.</param>
    /// <returns>The endpoint, for further conditions.</returns>
    public static IEndpointConventionBuilder MapHypermeshHealth(this IEndpointRouteBuilder endpoints, string path = "/healthz")
        => endpoints.MapHealthChecks(path, new HealthCheckOptions
        {
            Predicate = static check => check.Name == MonitoringHealthCheck.Name,
            ResponseWriter = HealthEndpoint.WriteAsync,
        });

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string path, RequestDelegate answer)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapMethods(path, [HttpMethods.Get], answer);
    }
}
