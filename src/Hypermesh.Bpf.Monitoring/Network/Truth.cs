using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Monitoring.Network;

/// <summary>The least and the most that the kernel can have counted at an interface between two reads of the monitor's figures.</summary>
internal readonly record struct KernelRange(InterfaceCounts Low, InterfaceCounts High)
{
    internal static KernelRange Of(KernelInterface one) => new(
        one.IsNew ? default : Difference(one.LastAfter, one.Before),
        one.IsNew ? one.After : Difference(one.LastBefore, one.After));

    /// <summary>What was added between two reads. Counters that begin again, with another interface of the same name, are counted from 0.</summary>
    internal static InterfaceCounts Difference(in InterfaceCounts from, in InterfaceCounts to) => new()
    {
        ReceivedBytes = Difference(from.ReceivedBytes, to.ReceivedBytes),
        ReceivedPackets = Difference(from.ReceivedPackets, to.ReceivedPackets),
        ReceiveErrors = Difference(from.ReceiveErrors, to.ReceiveErrors),
        ReceiveDrops = Difference(from.ReceiveDrops, to.ReceiveDrops),
        TransmittedBytes = Difference(from.TransmittedBytes, to.TransmittedBytes),
        TransmittedPackets = Difference(from.TransmittedPackets, to.TransmittedPackets),
        TransmitErrors = Difference(from.TransmitErrors, to.TransmitErrors),
        TransmitDrops = Difference(from.TransmitDrops, to.TransmitDrops),
    };

    private static ulong Difference(ulong from, ulong to) => to >= from ? to - from : to;
}

/// <summary>
/// The sums of all interfaces that can be compared. A joined packet is one for some interfaces (veth) and as many as on the wire for others (a card), so the kernel's count is between
/// the two. Its bytes may lack the header of the link layer (a veth with NAPI), or have the checksum behind the frame (some cards).
/// </summary>
internal struct Truth
{
    private const ulong LinkHeader = 14;
    private const ulong FrameChecksum = 4;
    private const ulong LongestPacket = 65_549;

    private ulong _receivedHigh;
    private ulong _transmittedHigh;
    private ulong _receivedSegments;
    private ulong _transmittedSegments;
    private ulong _transmitted;
    private Bytes _receivedBytes;
    private Bytes _transmittedBytes;

    /// <summary>The packets that the tracepoint saw.</summary>
    internal ulong Received { get; private set; }

    /// <summary>The least that the kernel counted.</summary>
    internal ulong ReceivedLow { get; private set; }

    internal ulong TransmittedLow { get; private set; }

    internal void Add(NetworkInterfaceFigures one, KernelInterface kernel)
    {
        KernelRange range = KernelRange.Of(kernel);
        if (one.SeesReceived)
        {
            Received += one.Received.Packets;
            ReceivedLow += range.Low.ReceivedPackets;
            _receivedHigh += range.High.ReceivedPackets;
            _receivedSegments += one.Received.Segments;
            _receivedBytes.Add(one.Received, range.Low.ReceivedBytes, range.High.ReceivedBytes, range.High.ReceivedPackets, 0);
        }

        // A driver that takes a packet may drop it.
        ulong drops = range.High.TransmitDrops + range.High.TransmitErrors;
        _transmitted += one.Transmitted.Packets;
        TransmittedLow += range.Low.TransmittedPackets;
        _transmittedHigh += range.High.TransmittedPackets + drops;
        _transmittedSegments += one.Transmitted.Segments;
        _transmittedBytes.Add(one.Transmitted, range.Low.TransmittedBytes, range.High.TransmittedBytes, range.High.TransmittedPackets, drops);
    }

    internal readonly void AddTo(NetworkReading into)
    {
        into.Add(new GroundTruth("system.network.packet.count/receive", "received packets of /proc/net/dev", Received, Saturating.Subtract(ReceivedLow, _receivedSegments), _receivedHigh));
        into.Add(new GroundTruth("system.network.packet.count/transmit", "transmitted packets of /proc/net/dev", _transmitted, Saturating.Subtract(TransmittedLow, _transmittedSegments), _transmittedHigh));
        into.Add(new GroundTruth("system.network.io/receive", "received bytes of /proc/net/dev", _receivedBytes.Measured, _receivedBytes.Low, _receivedBytes.High));
        into.Add(new GroundTruth("system.network.io/transmit", "transmitted bytes of /proc/net/dev", _transmittedBytes.Measured, _transmittedBytes.Low, _transmittedBytes.High));
    }

    private struct Bytes
    {
        internal ulong Measured;
        internal ulong Low;
        internal ulong High;

        internal void Add(NetworkDirectionFigures one, ulong low, ulong high, ulong packets, ulong drops)
        {
            Measured += one.Bytes;
            Low += Saturating.Subtract(low, one.SegmentBytes + (packets * FrameChecksum));
            High += high + (packets * LinkHeader) + (drops * LongestPacket);
        }
    }
}
