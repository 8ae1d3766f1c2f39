using Hypermesh.Bpf.Hosting.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Hypermesh.Bpf.Hosting.Endpoints;

/// <summary>The totals in Prometheus's text format.</summary>
internal static class MetricsEndpoint
{
    internal static async Task AnswerAsync(HttpContext context, MonitoringService monitoring)
    {
        if (monitoring.Monitors is not { } monitors)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using var text = new PooledBuffer();
        monitors.WritePrometheus(text);
        foreach (IMoreMetrics more in context.RequestServices.GetServices<IMoreMetrics>())
        {
            more.Write(text);
        }

        context.Response.ContentType = MonitorFormats.Prometheus;
        context.Response.ContentLength = text.Written.Length;
        await context.Response.Body.WriteAsync(text.Written, context.RequestAborted).ConfigureAwait(false);
    }
}
