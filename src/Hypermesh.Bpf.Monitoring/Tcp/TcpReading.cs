using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Tcp;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// TCP connections between two readings: opened, ended, their lifetime, bytes, round-trip times and retransmissions. It is created once by <see cref="TcpMonitor.NewReading"/> and filled by each
/// <see cref="KernelMonitor{TReading}.Read(TReading)"/>, so that reading allocates nothing.
/// </summary>
public sealed class TcpReading : MonitorReading
{
    private readonly ulong[] _changes = new ulong[TcpStates.Count];
    private readonly ulong[] _sockets = new ulong[TcpStates.Count];
    private readonly ulong[] _retransmits = new ulong[TcpStates.Count * 2];
    private readonly Exp2Histogram[] _life = [.. Enumerable.Range(0, 4).Select(static _ => Exp2Histogram.OfTimes(TcpStates.LifeSlots))];

    internal TcpReading()
    {
    }

    /// <summary>Connections that were accepted.</summary>
    public ulong OpenedIn { get; internal set; }

    /// <summary>Connections that were opened by connect.</summary>
    public ulong OpenedOut { get; internal set; }

    /// <summary>Connections that ended before they were established.</summary>
    public ulong Failed { get; internal set; }

    /// <summary>Connections that ended after they were established.</summary>
    public ulong Ended { get; internal set; }

    /// <summary>Those of <see cref="Ended"/> whose start is not known: they were established before the monitor started, or while there was no room. They are in no histogram.</summary>
    public ulong UnknownStart { get; internal set; }

    /// <summary>Bytes of connections that ended which the peer acknowledged. The kernel counts sequence numbers, so that SYN and FIN are one byte each.</summary>
    public ulong BytesAcknowledged { get; internal set; }

    /// <summary>Bytes of connections that ended which were received; a FIN is one byte.</summary>
    public ulong BytesReceived { get; internal set; }

    /// <summary>Segments that were retransmitted, in all states.</summary>
    public ulong Retransmits { get; private set; }

    /// <summary>The smoothed round-trip time of IPv4 connections, in seconds, at each segment that arrived.</summary>
    public Exp2Histogram RoundTripIPv4 { get; } = Exp2Histogram.OfTimes(TcpStates.RttSlots);

    /// <summary>The smoothed round-trip time of IPv6 connections, in seconds, at each segment that arrived.</summary>
    public Exp2Histogram RoundTripIPv6 { get; } = Exp2Histogram.OfTimes(TcpStates.RttSlots);

    /// <summary>Events that the programs wrote or tried to write, while somebody reads them (<see cref="TcpMonitor.ReadAllAsync"/>).</summary>
    public ulong EventsProduced { get; internal set; }

    /// <summary>Events that <see cref="TcpMonitor.ReadAllAsync"/> returned.</summary>
    public ulong EventsDelivered { get; internal set; }

    /// <summary>Returns the lifetimes of connections that ended: the seconds from being established to the end.</summary>
    /// <param name="incoming">True for connections that were accepted, false for those that were opened by connect.</param>
    /// <param name="ipv6">True for IPv6.</param>
    public Exp2Histogram Life(bool incoming, bool ipv6) => _life[((incoming ? 0 : 1) * 2) + (ipv6 ? 1 : 0)];

    /// <summary>Returns how many sockets entered a state. A socket in TIME_WAIT is another object of the kernel and is not counted here.</summary>
    /// <param name="state">The state.</param>
    public ulong ChangesTo(TcpState state) => _changes[(int)state];

    /// <summary>Returns the sockets of the monitor's network namespace that are in a state.</summary>
    /// <param name="state">The state.</param>
    public ulong SocketsIn(TcpState state) => state == TcpState.SynReceived ? _sockets[(int)state] + _sockets[TcpStates.Request] : _sockets[(int)state];

    /// <summary>Returns the segments that were retransmitted while their connection was in a state.</summary>
    /// <param name="state">The state.</param>
    public ulong RetransmitsIn(TcpState state) => _retransmits[(int)state * 2] + _retransmits[((int)state * 2) + 1];

    /// <summary>True when <see cref="SocketsIn"/> is known in this reading: not where the iterator over TCP sockets is absent, or the thread that reads is in another network namespace than the one that started the monitor.</summary>
    public bool HasSockets { get; internal set; }

    internal ulong[] Sockets => _sockets;

    internal override void Report(IFigureSink sink)
    {
        for (int i = 0; i < _life.Length; i++)
        {
            sink.Add(MetricTable.TcpDuration, _life[i], new MetricLabels(i < 2 ? "in" : "out", TcpStates.TypeName(i)));
        }

        sink.Add(MetricTable.TcpRtt, RoundTripIPv4, new MetricLabels(TcpStates.TypeName(0)));
        sink.Add(MetricTable.TcpRtt, RoundTripIPv6, new MetricLabels(TcpStates.TypeName(1)));
        for (int i = 0; i < _retransmits.Length; i++)
        {
            if (_retransmits[i] > 0)
            {
                sink.Add(MetricTable.TcpRetransmits, _retransmits[i], new MetricLabels(TcpStates.Name(i / 2), TcpStates.TypeName(i)));
            }
        }

        sink.Add(MetricTable.TcpBytes, BytesReceived, new MetricLabels("receive"));
        sink.Add(MetricTable.TcpBytes, BytesAcknowledged, new MetricLabels("transmit"));
        for (int i = 1; i < TcpStates.Request; i++)
        {
            sink.Add(MetricTable.TcpStates, _changes[i], new MetricLabels(TcpStates.Name(i)));
        }

        for (int i = 1; HasSockets && i < TcpStates.Request; i++)
        {
            sink.Set(MetricTable.TcpConnections, SocketsIn((TcpState)i), new MetricLabels(TcpStates.Name(i)));
        }

        var ring = new MetricLabels("tcp", "ended");
        sink.Add(MetricTable.EventsProduced, EventsProduced, ring);
        sink.Add(MetricTable.EventsDelivered, EventsDelivered, ring);
        sink.Add(MetricTable.EventsDropped, Dropped, ring);
    }

    /// <summary>Adds what was counted on one CPU between two copies of its counters.</summary>
    internal void Add(in TcpSkeleton.TcpCounters from, in TcpSkeleton.TcpCounters to)
    {
        OpenedIn += to.OpenedIn - from.OpenedIn;
        OpenedOut += to.OpenedOut - from.OpenedOut;
        Failed += to.Failed - from.Failed;
        Ended += to.Ended - from.Ended;
        UnknownStart += to.UnknownStart - from.UnknownStart;
        BytesAcknowledged += to.BytesAcked - from.BytesAcked;
        BytesReceived += to.BytesReceived - from.BytesReceived;
        EventsProduced += to.Produced - from.Produced;
        for (int i = 0; i < TcpStates.Count; i++)
        {
            _changes[i] += to.Changes[i] - from.Changes[i];
        }

        for (int i = 0; i < _retransmits.Length; i++)
        {
            ulong segments = to.Retransmits[i] - from.Retransmits[i];
            _retransmits[i] += segments;
            Retransmits += segments;
        }

        RoundTripIPv4.Add(from.RttIpv4.AsSpan(), from.RttSumNs[0], to.RttIpv4.AsSpan(), to.RttSumNs[0]);
        RoundTripIPv6.Add(from.RttIpv6.AsSpan(), from.RttSumNs[1], to.RttIpv6.AsSpan(), to.RttSumNs[1]);
        for (int i = 0; i < _life.Length; i++)
        {
            _life[i].Add(
                from.Life.AsSpan().Slice(i * TcpStates.LifeSlots, TcpStates.LifeSlots), from.LifeSumNs[i],
                to.Life.AsSpan().Slice(i * TcpStates.LifeSlots, TcpStates.LifeSlots), to.LifeSumNs[i]);
        }
    }

    internal override void Clear()
    {
        (OpenedIn, OpenedOut, Failed, Ended, UnknownStart, BytesAcknowledged, BytesReceived, Retransmits) = (0, 0, 0, 0, 0, 0, 0, 0);
        (EventsProduced, EventsDelivered, HasSockets) = (0, 0, false);
        Array.Clear(_changes);
        Array.Clear(_sockets);
        Array.Clear(_retransmits);
        RoundTripIPv4.Clear();
        RoundTripIPv6.Clear();
        foreach (Exp2Histogram one in _life)
        {
            one.Clear();
        }
    }
}
