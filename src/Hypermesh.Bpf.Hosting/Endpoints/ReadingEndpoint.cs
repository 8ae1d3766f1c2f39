using System.Text.Json;
using Hypermesh.Bpf.Hosting.Services;
using Microsoft.AspNetCore.Http;

namespace Hypermesh.Bpf.Hosting.Endpoints;

/// <summary>The last reading as one JSON object.</summary>
internal static class ReadingEndpoint
{
    internal static async Task AnswerAsync(HttpContext context, MonitoringService monitoring)
    {
        if (monitoring.Monitors is not { } monitors)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using var text = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(text))
        {
            monitors.WriteJson(writer);
        }

        context.Response.ContentType = MonitorFormats.Json;
        context.Response.ContentLength = text.Written.Length;
        await context.Response.Body.WriteAsync(text.Written, context.RequestAborted).ConfigureAwait(false);
    }
}
