using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hypermesh.Bpf.Hosting.Endpoints;

/// <summary>The health check as text: the condition, then one line for each monitor. Status 503 when it is unhealthy.</summary>
internal static class HealthEndpoint
{
    internal static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = MonitorFormats.Text;
        return context.Response.WriteAsync(Text(report), context.RequestAborted);
    }

    internal static string Text(HealthReport report)
    {
        var text = new StringBuilder(report.Status.ToString()).Append('\n');
        foreach (HealthReportEntry entry in report.Entries.Values)
        {
            text.Append(entry.Description).Append('\n');
            foreach ((string name, object value) in entry.Data)
            {
                text.Append(name).Append(": ").Append(value).Append('\n');
            }
        }

        return text.ToString();
    }
}
