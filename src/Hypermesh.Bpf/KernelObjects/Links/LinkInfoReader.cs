using System.Text;

namespace Hypermesh.Bpf.KernelObjects.Links;

/// <summary>Reads the kernel's information about a link into the record of its type.</summary>
internal static class LinkInfoReader
{
    private static readonly Dictionary<BpfLinkType, Func<BpfHandle, RawLinkInfo, BpfLinkInfo>> s_kinds = new()
    {
        [BpfLinkType.RawTracepoint] = static (link, raw) => new BpfRawTracepointLinkInfo(link, raw),
        [BpfLinkType.Tracing] = static (_, raw) => new BpfTracingLinkInfo(raw),
        [BpfLinkType.CGroup] = static (_, raw) => new BpfCGroupLinkInfo(raw),
        [BpfLinkType.Iterator] = static (link, raw) => new BpfIteratorLinkInfo(link, raw),
        [BpfLinkType.NetworkNamespace] = static (_, raw) => new BpfNetworkNamespaceLinkInfo(raw),
        [BpfLinkType.Xdp] = static (_, raw) => new BpfNetworkDeviceLinkInfo(raw, raw.XdpIfindex, BpfAttachType.Xdp),
        [BpfLinkType.PerfEvent] = PerfEventLinkInfoReader.Read,
        [BpfLinkType.KProbeMulti] = static (link, raw) => new BpfKProbeMultiLinkInfo(link, raw),
        [BpfLinkType.StructOps] = static (_, raw) => new BpfMapLinkInfo(raw, raw.StructOpsMapId, BpfAttachType.StructOps),
        [BpfLinkType.Netfilter] = static (_, raw) => new BpfNetfilterLinkInfo(raw),
        [BpfLinkType.Tcx] = static (_, raw) => new BpfNetworkDeviceLinkInfo(raw, raw.TcxIfindex, (BpfAttachType)raw.TcxAttachType),
        [BpfLinkType.UProbeMulti] = static (link, raw) => new BpfUProbeMultiLinkInfo(link, raw),
        [BpfLinkType.Netkit] = static (_, raw) => new BpfNetworkDeviceLinkInfo(raw, raw.NetkitIfindex, (BpfAttachType)raw.NetkitAttachType),
        [BpfLinkType.TracingMulti] = static (link, raw) => new BpfTracingMultiLinkInfo(link, raw),
        [BpfLinkType.SockMap] = static (_, raw) => new BpfMapLinkInfo(raw, raw.SockmapMapId, (BpfAttachType)raw.SockmapAttachType),
    };

    internal static BpfLinkInfo Read(BpfHandle link)
    {
        RawLinkInfo raw = ObjectInfo.Link(link);
        return s_kinds.TryGetValue((BpfLinkType)raw.Type, out Func<BpfHandle, RawLinkInfo, BpfLinkInfo>? read) ? read(link, raw) : new BpfLinkInfo(raw);
    }
}

/// <summary>Reads names and lists of a link with a second call that passes a buffer.</summary>
internal static unsafe class LinkInfoBuffers
{
    /// <summary>Sets a buffer's address and size in the fields of the link's type.</summary>
    internal delegate void Place(ref RawLinkInfo info, ulong buffer, uint size);

    /// <summary>Reads a text of at most <paramref name="size"/> bytes with its NUL; empty if the kernel returns none. The kernel cuts a longer one.</summary>
    internal static string ReadText(BpfHandle link, uint size, Place place)
    {
        if (size == 0)
        {
            return "";
        }

        byte[] buffer = new byte[size];
        fixed (byte* start = buffer)
        {
            RawLinkInfo info = default;
            place(ref info, (ulong)start, size);
            ObjectInfo.Link(link, ref info, tolerated: Errno.ENOSPC);
        }

        int end = buffer.AsSpan().IndexOf((byte)0);
        return Encoding.UTF8.GetString(buffer, 0, end < 0 ? buffer.Length : end);
    }

    /// <summary>Reads as many numbers as the kernel reported.</summary>
    internal static ulong[] ReadNumbers(BpfHandle link, uint count, Place place)
    {
        ulong[] numbers = new ulong[count];
        if (count == 0)
        {
            return numbers;
        }

        fixed (ulong* start = numbers)
        {
            RawLinkInfo info = default;
            place(ref info, (ulong)start, count);
            ObjectInfo.Link(link, ref info, tolerated: 0);
        }

        return numbers;
    }
}

/// <summary>Reads a link to a perf event: first its kind, which decides the field for its name.</summary>
internal static class PerfEventLinkInfoReader
{
    // The longest path, which is longer than any name of a function or tracepoint.
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
