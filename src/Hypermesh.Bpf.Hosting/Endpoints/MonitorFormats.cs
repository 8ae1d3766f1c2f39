using Hypermesh.Bpf.Monitoring.Writers;

namespace Hypermesh.Bpf.Hosting.Endpoints;

/// <summary>The content types of the endpoints.</summary>
internal static class MonitorFormats
{
    internal const string Prometheus = PrometheusWriter.ContentType;
    internal const string Json = "application/json";
    internal const string Events = "text/event-stream";
    internal const string Text = "text/plain; charset=utf-8";
}
