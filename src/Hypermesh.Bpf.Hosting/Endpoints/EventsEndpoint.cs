using System.Globalization;
using System.Text;
using Hypermesh.Bpf.Hosting.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Hypermesh.Bpf.Hosting.Endpoints;

/// <summary>Each reading as a server-sent event, until the client or the application ends.</summary>
internal static class EventsEndpoint
{
    internal static async Task AnswerAsync(HttpContext context, ReadingFeed feed, IHostApplicationLifetime application)
    {
        using ReadingFeed.Client? client = feed.TryAdd();
        if (client is null)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "10";
            context.Response.ContentType = MonitorFormats.Text;
            await context.Response.WriteAsync("There are too many clients of the event stream. Close another page.\n", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, application.ApplicationStopping);
        context.Response.ContentType = MonitorFormats.Events;
        try
        {
            await context.Response.Body.WriteAsync("retry: 2000\n\n"u8.ToArray(), stop.Token).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(stop.Token).ConfigureAwait(false);
            while (true)
            {
                byte[] frame = await client.NextAsync(stop.Token).ConfigureAwait(false);
                if (client.TakeLost() is > 0 and var lost)
                {
                    await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: lost\ndata: {lost}\n\n")), stop.Token).ConfigureAwait(false);
                }

                await context.Response.Body.WriteAsync(frame, stop.Token).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client is gone, or the application ends.
        }
    }
}
