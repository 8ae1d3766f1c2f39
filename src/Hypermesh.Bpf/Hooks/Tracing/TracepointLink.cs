namespace Hypermesh.Bpf;

/// <summary>A classic tracepoint: its number from tracefs, a perf event of it, and the program on that.</summary>
internal static class TracepointLink
{
    private const uint TypeTracepoint = 2;
    private const int AllProcesses = -1;
    private const int AnyCpu = 0;

    internal static DescriptorLink Open(in LinkRequest request, int program, string category, string name, ulong cookie)
        => PerfEventLink.Open(request, program, OpenEvent(request, TraceFiles.ReadTracepointId(request, category, name)), cookie);

    /// <summary>A perf event of a tracepoint, or of an event made in tracefs.</summary>
    /// <param name="request">For whom.</param>
    /// <param name="id">The tracepoint's number.</param>
    /// <param name="process">Whose hits count; null for everyone's.</param>
    internal static unsafe BpfHandle OpenEvent(in LinkRequest request, ulong id, int? process = null)
    {
        PerfEventAttr attributes = default;
        attributes.Type = TypeTracepoint;
        attributes.Size = (uint)sizeof(PerfEventAttr);
        attributes.Config = id;
        attributes.SamplePeriod = 1;
        attributes.WakeupEvents = 1;
        return PerfEvents.Open(request, attributes, process ?? AllProcesses, process is null ? AnyCpu : PerfEvents.AllCpus);
    }
}
