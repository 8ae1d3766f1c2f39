using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// Packets from their Ethernet header on, with lengths and checksums as a network card would see them, to give to <c>TestRun</c>. Addresses are of the ranges kept for
/// documentation (RFC 5737, RFC 3849) unless others are given.
/// </summary>
public static class TestPacket
{
    private const int EthernetHeader = 14;
    private const int UdpHeader = 8;
    private const int TcpHeader = 20;
    private const byte Udp4 = 17;
    private const byte Tcp4 = 6;
    private const ushort IPv4Type = 0x0800;
    private const ushort IPv6Type = 0x86dd;

    private static readonly IPAddress s_source = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_destination = IPAddress.Parse("192.0.2.2");

    /// <summary>An Ethernet frame, filled up to the 60 bytes of the shortest one.</summary>
    /// <param name="etherType">What it carries, such as 0x0806 for ARP.</param>
    /// <param name="payload">What follows the header.</param>
    public static byte[] Ethernet(ushort etherType, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[Math.Max(60, EthernetHeader + payload.Length)];
        frame.AsSpan(0, 6).Fill(0x02);
        frame[6] = 0x02;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), etherType);
        payload.CopyTo(frame.AsSpan(EthernetHeader));
        return frame;
    }

    /// <summary>A UDP datagram over IPv4, or over IPv6 when the addresses are such.</summary>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="source">The sender; 192.0.2.1 unless given.</param>
    /// <param name="destination">The receiver; 192.0.2.2 unless given.</param>
    public static byte[] Udp(int sourcePort, int destinationPort, ReadOnlySpan<byte> payload = default, IPAddress? source = null, IPAddress? destination = null)
    {
        byte[] segment = new byte[UdpHeader + payload.Length];
        WritePorts(segment, sourcePort, destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(4), (ushort)segment.Length);
        payload.CopyTo(segment.AsSpan(UdpHeader));
        return Internet(Udp4, segment, 6, source ?? s_source, destination ?? s_destination);
    }

    /// <summary>A TCP segment over IPv4, or over IPv6 when the addresses are such.</summary>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    /// <param name="flags">The flags; SYN alone unless given.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="source">The sender; 192.0.2.1 unless given.</param>
    /// <param name="destination">The receiver; 192.0.2.2 unless given.</param>
    public static byte[] Tcp(int sourcePort, int destinationPort, TcpFlags flags = TcpFlags.Syn, ReadOnlySpan<byte> payload = default, IPAddress? source = null, IPAddress? destination = null)
    {
        byte[] segment = new byte[TcpHeader + payload.Length];
        WritePorts(segment, sourcePort, destinationPort);
        segment[12] = TcpHeader / 4 << 4;
        segment[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(14), ushort.MaxValue);
        payload.CopyTo(segment.AsSpan(TcpHeader));
        return Internet(Tcp4, segment, 16, source ?? s_source, destination ?? s_destination);
    }

    private static void WritePorts(Span<byte> segment, int source, int destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(segment, checked((ushort)source));
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], checked((ushort)destination));
    }

    private static byte[] Internet(byte protocol, byte[] segment, int checksumAt, IPAddress source, IPAddress destination)
    {
        if (source.AddressFamily != destination.AddressFamily)
        {
            throw new ArgumentException($"{source} and {destination} are not of one kind.", nameof(destination));
        }

        byte[] from = source.GetAddressBytes();
        byte[] to = destination.GetAddressBytes();

        // Both checksums begin with the addresses, the length and the protocol.
        uint pseudo = Sum(from) + Sum(to) + (uint)segment.Length + protocol;
        ushort checksum = Fold(pseudo + Sum(segment));

        // A UDP checksum of 0 stands for none; the other zero stands for 0.
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(checksumAt), checksum == 0 && protocol == Udp4 ? ushort.MaxValue : checksum);
        return source.AddressFamily == AddressFamily.InterNetworkV6 ? Ethernet(IPv6Type, IPv6(protocol, segment, from, to)) : Ethernet(IPv4Type, IPv4(protocol, segment, from, to));
    }

    private static byte[] IPv4(byte protocol, byte[] segment, byte[] from, byte[] to)
    {
        const int Header = 20;
        byte[] packet = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0, .. from, .. to, .. segment];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), checked((ushort)packet.Length));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Fold(Sum(packet.AsSpan(0, Header))));
        return packet;
    }

    private static byte[] IPv6(byte protocol, byte[] segment, byte[] from, byte[] to)
    {
        byte[] packet = [0x60, 0, 0, 0, 0, 0, protocol, 64, .. from, .. to, .. segment];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), checked((ushort)segment.Length));
        return packet;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)(bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0u);
        }

        return sum;
    }

    private static ushort Fold(uint sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}

/// <summary>The flags of a TCP segment (RFC 9293, section 3.1).</summary>
[Flags]
public enum TcpFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>No more data from the sender.</summary>
    Fin = 1,

    /// <summary>Sequence numbers are to be agreed on: the first segment of a connection.</summary>
    Syn = 2,

    /// <summary>The connection is reset.</summary>
    Rst = 4,

    /// <summary>The receiver should hand over what it has.</summary>
    Psh = 8,

    /// <summary>The acknowledgement counts.</summary>
    Ack = 16,

    /// <summary>The urgent pointer counts.</summary>
    Urg = 32,
}
