using System.Diagnostics.Metrics;

namespace Hypermesh.Bpf.Telemetry;

/// <summary>The metrics of the SDK: meter <c>Hypermesh.Bpf</c>.</summary>
internal static class BpfMetrics
{
    private static readonly Meter s_meter = new("Hypermesh.Bpf");

    private static readonly Counter<long> s_programs = s_meter.CreateCounter<long>("bpf.programs.loaded", "{program}", "Programs the kernel accepted.");
    private static readonly Counter<long> s_maps = s_meter.CreateCounter<long>("bpf.maps.created", "{map}", "Maps created.");
    private static readonly Counter<long> s_attached = s_meter.CreateCounter<long>("bpf.links.attached", "{link}", "Programs attached.");
    private static readonly Counter<long> s_detached = s_meter.CreateCounter<long>("bpf.links.detached", "{link}", "Programs detached.");
    private static readonly Counter<long> s_failures = s_meter.CreateCounter<long>("bpf.failures", "{call}", "Calls the kernel rejected.");
    private static readonly Counter<long> s_cut = s_meter.CreateCounter<long>("bpf.metrics.cut", "{measurement}", "Measurements of tagged maps beyond the limit of an instrument.");

    internal static void ProgramLoaded(BpfProgramType type) => s_programs.Add(1, new KeyValuePair<string, object?>("bpf.program.type", type));

    internal static void MapCreated(BpfMapType type) => s_maps.Add(1, new KeyValuePair<string, object?>("bpf.map.type", type));

    internal static void Attached(BpfProgramType type) => s_attached.Add(1, new KeyValuePair<string, object?>("bpf.program.type", type));

    internal static void Detached(BpfProgramType type) => s_detached.Add(1, new KeyValuePair<string, object?>("bpf.program.type", type));

    internal static void Failed(string operation, int errno)
        => s_failures.Add(1, new("bpf.operation", operation), new("error.type", Errno.Name(errno)));

    /// <summary>Counts entries of a map that its instrument left out.</summary>
    internal static void MeasurementsCut(long count, string objectName, string metric)
        => s_cut.Add(count, new("bpf.object", objectName), new("bpf.metric", metric));
}
