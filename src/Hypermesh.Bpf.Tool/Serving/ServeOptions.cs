using System.Net;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>What <c>hmbpf serve</c> was asked for.</summary>
/// <param name="Listen">Where the page is, an address of the loopback interface.</param>
/// <param name="Metrics">Where the metrics alone are too; null for nowhere.</param>
/// <param name="Monitors">The monitors.</param>
/// <param name="Otlp">Where the metrics are sent; null for nowhere.</param>
/// <param name="Objects">The metrics of objects that run beside the monitors; null for none.</param>
internal sealed record ServeOptions(IPEndPoint Listen, MetricsListener? Metrics, MonitorSetOptions Monitors, OtlpOptions? Otlp, ObjectMetrics? Objects)
{
    /// <summary>A port that is in no list of Prometheus's exporters, and is below those that the kernel chooses from.</summary>
    internal const int DefaultPort = 19435;
}

/// <summary>The listener for the metrics alone.</summary>
/// <param name="Listen">Its address.</param>
/// <param name="Token">The token that requests need; null for none.</param>
/// <param name="CertificateFile">The certificate in PEM; null for no TLS.</param>
/// <param name="KeyFile">Its key in PEM.</param>
internal sealed record MetricsListener(IPEndPoint Listen, AccessToken? Token, string? CertificateFile, string? KeyFile);
