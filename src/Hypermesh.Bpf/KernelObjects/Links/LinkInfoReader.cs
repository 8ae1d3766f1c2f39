namespace Hypermesh.Bpf;

/// <summary>Reads what the kernel says about a link, into the record of its kind.</summary>
internal static class LinkInfoReader
{
    private static readonly Dictionary<BpfLinkType, Func<BpfHandle, RawLinkInfo, BpfLinkInfo>> s_kinds = new()
    {
        [BpfLinkType.RawTracepoint] = static (link, raw) => new BpfRawTracepointLinkInfo(link, raw),
        [BpfLinkType.Tracing] = static (_, raw) => new BpfTracingLinkInfo(raw),
        [BpfLinkType.CGroup] = static (_, raw) => new BpfCGroupLinkInfo(raw),
        [BpfLinkType.Iterator] = static (link, raw) => new BpfIteratorLinkInfo(link, raw),
        [BpfLinkType.NetworkNamespace] = static (_, raw) => new BpfNetworkNamespaceLinkInfo(raw),
        [BpfLinkType.Xdp] = static (_, raw) => new BpfXdpLinkInfo(raw),
        [BpfLinkType.PerfEvent] = PerfEventLinkInfoReader.Read,
        [BpfLinkType.KProbeMulti] = static (link, raw) => new BpfKProbeMultiLinkInfo(link, raw),
        [BpfLinkType.StructOps] = static (_, raw) => new BpfStructOpsLinkInfo(raw),
        [BpfLinkType.Netfilter] = static (_, raw) => new BpfNetfilterLinkInfo(raw),
        [BpfLinkType.Tcx] = static (_, raw) => new BpfTcxLinkInfo(raw),
        [BpfLinkType.UProbeMulti] = static (link, raw) => new BpfUProbeMultiLinkInfo(link, raw),
        [BpfLinkType.Netkit] = static (_, raw) => new BpfNetkitLinkInfo(raw),
        [BpfLinkType.TracingMulti] = static (link, raw) => new BpfTracingMultiLinkInfo(link, raw),
        [BpfLinkType.SockMap] = static (_, raw) => new BpfSockMapLinkInfo(raw),
    };

    internal static BpfLinkInfo Read(BpfHandle link)
    {
        RawLinkInfo raw = ObjectInfo.Link(link);
        return s_kinds.TryGetValue((BpfLinkType)raw.Type, out Func<BpfHandle, RawLinkInfo, BpfLinkInfo>? read) ? read(link, raw) : new BpfOtherLinkInfo(raw);
    }
}
