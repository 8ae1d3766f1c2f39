using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Network;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Packets and bytes between two readings, by interface, direction and protocol, and packets that the kernel dropped, by reason. It is created once by
/// <see cref="NetworkMonitor.NewReading"/> and filled by each <see cref="KernelMonitor{TReading}.Read(TReading)"/>, so that reading allocates nothing.
/// </summary>
public sealed class NetworkReading : MonitorReading
{
    private readonly List<NetworkInterfaceFigures> _interfaces = [];
    private readonly Stack<NetworkInterfaceFigures> _spare = new();
    private readonly List<NetworkDrop> _drops = [];

    internal NetworkReading()
    {
    }

    /// <summary>The interfaces of the monitor's network namespace, those that vanished since the last reading included. The list is reused by the next reading.</summary>
    public IReadOnlyList<NetworkInterfaceFigures> Interfaces => _interfaces;

    /// <summary>All interfaces together. A packet that passes several (a bridge and its port) is counted at each.</summary>
    public NetworkInterfaceFigures Total { get; } = new();

    /// <summary>Packets that the kernel dropped, on the whole machine, by reason; only reasons with at least one. The list is reused by the next reading.</summary>
    public IReadOnlyList<NetworkDrop> Drops => _drops;

    /// <summary>The number of all packets that the kernel dropped.</summary>
    public ulong DroppedPackets { get; internal set; }

    /// <summary>Packets that interfaces of other network namespaces received; they are in no other figure.</summary>
    public ulong ReceivedElsewhere { get; internal set; }

    /// <summary>Packets that a driver gave back because it had no room. They are sent again, and counted when a driver takes them.</summary>
    public ulong Refused { get; internal set; }

    /// <summary>Finds an interface by name; null when there is none.</summary>
    /// <param name="name">The name.</param>
    public NetworkInterfaceFigures? Find(string name)
    {
        foreach (NetworkInterfaceFigures one in _interfaces)
        {
            if (one.Name == name)
            {
                return one;
            }
        }

        return null;
    }

    /// <summary>The interfaces, to be walked without allocating.</summary>
    internal List<NetworkInterfaceFigures> InterfaceList => _interfaces;

    internal NetworkInterfaceFigures AddInterface(string name, int index)
    {
        if (!_spare.TryPop(out NetworkInterfaceFigures? figures))
        {
            figures = new NetworkInterfaceFigures();
        }

        figures.Clear();
        (figures.Name, figures.Index) = (name, index);
        _interfaces.Add(figures);
        return figures;
    }

    internal void AddDrop(string reason, ulong packets)
    {
        DroppedPackets += packets;
        for (int i = 0; i < _drops.Count; i++)
        {
            if (ReferenceEquals(_drops[i].Reason, reason))
            {
                _drops[i] = new NetworkDrop(reason, _drops[i].Packets + packets);
                return;
            }
        }

        _drops.Add(new NetworkDrop(reason, packets));
    }

    internal override void Report(IFigureSink sink)
    {
        foreach (NetworkInterfaceFigures one in _interfaces)
        {
            sink.Add(MetricTable.NetworkPackets, one.Received.Packets, new MetricLabels(one.Name, NetworkDirections.Receive));
            sink.Add(MetricTable.NetworkPackets, one.Transmitted.Packets, new MetricLabels(one.Name, NetworkDirections.Transmit));
        }

        foreach (NetworkInterfaceFigures one in _interfaces)
        {
            sink.Add(MetricTable.NetworkBytes, one.Received.Bytes, new MetricLabels(one.Name, NetworkDirections.Receive));
            sink.Add(MetricTable.NetworkBytes, one.Transmitted.Bytes, new MetricLabels(one.Name, NetworkDirections.Transmit));
        }

        foreach (NetworkInterfaceFigures one in _interfaces)
        {
            ReportSegments(sink, one.Name, one.Received.Segments, NetworkDirections.Receive);
            ReportSegments(sink, one.Name, one.Transmitted.Segments, NetworkDirections.Transmit);
        }

        ReportProtocols(sink, MetricTable.ProtocolPackets, static direction => direction.ProtocolPackets);
        ReportProtocols(sink, MetricTable.ProtocolBytes, static direction => direction.ProtocolBytes);
        foreach (NetworkDrop drop in _drops)
        {
            sink.Add(MetricTable.NetworkDrops, drop.Packets, new MetricLabels(drop.Reason));
        }

        foreach (NetworkInterfaceFigures one in _interfaces)
        {
            sink.Set(MetricTable.NetworkObservation, 1, new MetricLabels(one.Name, one.Received.Source.StageName(), one.ReceivedAfterGro ? "after" : "before"));
            if (one.Transmitted.Source != one.Received.Source)
            {
                sink.Set(MetricTable.NetworkObservation, 1, new MetricLabels(one.Name, one.Transmitted.Source.StageName(), ""));
            }
        }
    }

    internal override void Clear()
    {
        foreach (NetworkInterfaceFigures one in _interfaces)
        {
            _spare.Push(one);
        }

        _interfaces.Clear();
        Total.Clear();
        _drops.Clear();
        (DroppedPackets, ReceivedElsewhere, Refused) = (0, 0, 0);
    }

    private static void ReportSegments(IFigureSink sink, string name, ulong segments, string direction)
    {
        if (segments > 0)
        {
            sink.Add(MetricTable.NetworkSegments, segments, new MetricLabels(name, direction));
        }
    }

    private void ReportProtocols(IFigureSink sink, Metric metric, Func<NetworkDirectionFigures, ulong[]> figures)
    {
        for (int i = 0; i < NetworkProtocols.Count; i++)
        {
            ReportProtocol(sink, metric, figures(Total.Received)[i], NetworkDirections.Receive, i);
            ReportProtocol(sink, metric, figures(Total.Transmitted)[i], NetworkDirections.Transmit, i);
        }
    }

    private static void ReportProtocol(IFigureSink sink, Metric metric, ulong value, string direction, int index)
    {
        // A protocol that was never seen gets no series.
        if (value > 0)
        {
            sink.Add(metric, value, new MetricLabels(direction, NetworkProtocols.TypeName(index), NetworkProtocols.TransportName(index)));
        }
    }
}

/// <summary>Packets that the kernel dropped for one reason.</summary>
/// <param name="Reason">The kernel's name of the reason, without <c>SKB_DROP_REASON_</c> and in lower case; <c>not_specified</c> where the kernel has none (before 5.17).</param>
/// <param name="Packets">The number of packets.</param>
public readonly record struct NetworkDrop(string Reason, ulong Packets);

/// <summary>The packets of one interface between two readings, or of all together.</summary>
public sealed class NetworkInterfaceFigures
{
    internal NetworkInterfaceFigures()
    {
    }

    /// <summary>The name; empty for the total.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The kernel's index; 0 for the total, and for an interface that has not had a packet.</summary>
    public int Index { get; internal set; }

    /// <summary>The packets that it received.</summary>
    public NetworkDirectionFigures Received { get; } = new();

    /// <summary>The packets that it transmitted.</summary>
    public NetworkDirectionFigures Transmitted { get; } = new();

    /// <summary>True when received packets were counted after GRO joined them: several on the wire are one, and <see cref="NetworkDirectionFigures.Segments"/> has the rest.</summary>
    public bool ReceivedAfterGro { get; internal set; } = true;

    /// <summary>False for an interface whose received packets are seen only at the interface below it (VLAN, bond, macvlan, ipvlan): its own are not counted.</summary>
    public bool SeesReceived { get; internal set; } = true;

    internal void Clear()
    {
        (Name, Index, ReceivedAfterGro, SeesReceived) = ("", 0, true, true);
        Received.Clear();
        Transmitted.Clear();
    }
}

/// <summary>The packets of an interface in one direction.</summary>
public sealed class NetworkDirectionFigures
{
    internal NetworkDirectionFigures()
    {
    }

    /// <summary>Where they were counted.</summary>
    public HookSource Source { get; internal set; } = HookSource.TpBtf;

    /// <summary>The number of packets, as the kernel handles them: a packet that GRO or GSO joined is one.</summary>
    public ulong Packets { get; private set; }

    /// <summary>Their bytes, with the header of the link layer; without it on the loopback interface, as the kernel counts there.</summary>
    public ulong Bytes { get; private set; }

    /// <summary>The packets on the wire beyond the first one of each joined packet.</summary>
    public ulong Segments { get; private set; }

    /// <summary>The bytes of the headers that these have on the wire.</summary>
    public ulong SegmentBytes { get; private set; }

    /// <summary>The packets that the kernel counted at the interface, in <c>/proc/net/dev</c>: null for the total and for an interface that vanished.</summary>
    public ulong? KernelPackets { get; internal set; }

    /// <summary>The bytes that the kernel counted there.</summary>
    public ulong? KernelBytes { get; internal set; }

    /// <summary>The packets that the kernel says the interface dropped.</summary>
    public ulong? KernelDrops { get; internal set; }

    /// <summary>The errors that the kernel counted at the interface.</summary>
    public ulong? KernelErrors { get; internal set; }

    internal ulong[] ProtocolPackets { get; } = new ulong[NetworkProtocols.Count];

    internal ulong[] ProtocolBytes { get; } = new ulong[NetworkProtocols.Count];

    /// <summary>Returns the packets of a protocol.</summary>
    /// <param name="type">The protocol of the network header.</param>
    /// <param name="transport">The protocol that it carries.</param>
    public ulong PacketsOf(NetworkType type, NetworkTransport transport) => ProtocolPackets[NetworkProtocols.Index(type, transport)];

    /// <summary>Returns the bytes of a protocol.</summary>
    /// <param name="type">The protocol of the network header.</param>
    /// <param name="transport">The protocol that it carries.</param>
    public ulong BytesOf(NetworkType type, NetworkTransport transport) => ProtocolBytes[NetworkProtocols.Index(type, transport)];

    internal void Clear()
    {
        ClearCounts(HookSource.TpBtf);
        KernelPackets = KernelBytes = KernelDrops = KernelErrors = null;
    }

    /// <summary>Removes what the tracepoint counted, where another hook counts in its place.</summary>
    internal void ClearCounts(HookSource source)
    {
        Source = source;
        (Packets, Bytes, Segments, SegmentBytes) = (0, 0, 0, 0);
        Array.Clear(ProtocolPackets);
        Array.Clear(ProtocolBytes);
    }

    /// <summary>Adds what was counted between two totals.</summary>
    internal void Add(DirectionTotals from, DirectionTotals to)
    {
        for (int i = 0; i < NetworkProtocols.Count; i++)
        {
            ulong packets = to.Packets[i] - from.Packets[i], bytes = to.Bytes[i] - from.Bytes[i];
            ProtocolPackets[i] += packets;
            ProtocolBytes[i] += bytes;
            Packets += packets;
            Bytes += bytes;
        }

        Segments += to.Segments - from.Segments;
        SegmentBytes += to.SegmentBytes - from.SegmentBytes;
    }

    internal void Add(NetworkDirectionFigures other)
    {
        for (int i = 0; i < NetworkProtocols.Count; i++)
        {
            ProtocolPackets[i] += other.ProtocolPackets[i];
            ProtocolBytes[i] += other.ProtocolBytes[i];
        }

        Packets += other.Packets;
        Bytes += other.Bytes;
        Segments += other.Segments;
        SegmentBytes += other.SegmentBytes;
    }
}

/// <summary>The names of the directions in outputs, and of the places where packets are counted.</summary>
internal static class NetworkDirections
{
    internal const string Receive = "receive";
    internal const string Transmit = "transmit";

    internal static string StageName(this HookSource source) => source switch
    {
        HookSource.Xdp => "xdp",
        HookSource.Tcx => "tc",
        _ => "tracepoint",
    };
}
