namespace Hypermesh.Bpf;

/// <summary>A link to a perf event says what it is first; then where its name goes is known.</summary>
internal static class PerfEventLinkInfoReader
{
    // The longest path is longer than any function's or tracepoint's name.
    private const uint NameSize = 4096;

    internal static BpfLinkInfo Read(BpfHandle link, RawLinkInfo raw) => (BpfPerfEventKind)raw.PerfEventType switch
    {
        BpfPerfEventKind.UProbe or BpfPerfEventKind.URetProbe => new BpfPerfEventLinkInfo(raw, LinkInfoBuffers.ReadText(link, NameSize, PlaceFile))
        {
            Offset = raw.PerfEventUprobeOffset,
            Cookie = raw.PerfEventUprobeCookie,
        },
        BpfPerfEventKind.KProbe or BpfPerfEventKind.KRetProbe => new BpfPerfEventLinkInfo(raw, LinkInfoBuffers.ReadText(link, NameSize, PlaceFunction))
        {
            Offset = raw.PerfEventKprobeOffset,
            Address = raw.PerfEventKprobeAddr,
            Missed = raw.PerfEventKprobeMissed,
            Cookie = raw.PerfEventKprobeCookie,
        },
        BpfPerfEventKind.Tracepoint => new BpfPerfEventLinkInfo(raw, LinkInfoBuffers.ReadText(link, NameSize, PlaceTracepoint))
        {
            Cookie = raw.PerfEventTracepointCookie,
        },
        BpfPerfEventKind.Event => new BpfPerfEventLinkInfo(raw, "")
        {
            EventType = raw.PerfEventEventType,
            EventConfig = raw.PerfEventEventConfig,
            Cookie = raw.PerfEventEventCookie,
        },
        _ => new BpfPerfEventLinkInfo(raw, ""),
    };

    private static void PlaceFile(ref RawLinkInfo info, ulong buffer, uint size)
    {
        info.PerfEventUprobeFileName = buffer;
        info.PerfEventUprobeNameLen = size;
    }

    private static void PlaceFunction(ref RawLinkInfo info, ulong buffer, uint size)
    {
        info.PerfEventKprobeFuncName = buffer;
        info.PerfEventKprobeNameLen = size;
    }

    private static void PlaceTracepoint(ref RawLinkInfo info, ulong buffer, uint size)
    {
        info.PerfEventTracepointTpName = buffer;
        info.PerfEventTracepointNameLen = size;
    }
}
