using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// Creates packets for <c>TestRun</c>, from the Ethernet header on, with correct lengths and checksums. Addresses are from the ranges reserved for
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

    /// <summary>Creates an Ethernet frame, padded to the minimum of 60 bytes.</summary>
    /// <param name="etherType">The protocol of its payload, such as 0x0806 for ARP.</param>
    /// <param name="payload">The data after the header.</param>
    public static byte[] Ethernet(ushort etherType, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[Math.Max(60, EthernetHeader + payload.Length)];
        frame.AsSpan(0, 6).Fill(0x02);
        frame[6] = 0x02;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), etherType);
        payload.CopyTo(frame.AsSpan(EthernetHeader));
        return frame;
    }

    /// <summary>Creates a UDP datagram over IPv4, or over IPv6 when the addresses are IPv6.</summary>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    /// <param name="payload">Its data.</param>
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

    /// <summary>Creates a TCP segment over IPv4, or over IPv6 when the addresses are IPv6.</summary>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    /// <param name="flags">The flags; only SYN by default.</param>
    /// <param name="payload">Its data.</param>
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
            throw new ArgumentException($"{source} and {destination} are not of the same address family: pass two IPv4 or two IPv6 addresses.", nameof(destination));
        }

        byte[] from = source.GetAddressBytes();
        byte[] to = destination.GetAddressBytes();

        // Both checksums begin with the addresses, the length and the protocol.
        uint pseudo = Sum(from) + Sum(to) + (uint)segment.Length + protocol;
        ushort checksum = Fold(pseudo + Sum(segment));

        // A UDP checksum of 0 means none, so a checksum of 0 is sent as 0xffff.
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

    /// <summary>FIN: no more data from the sender.</summary>
    Fin = 1,

    /// <summary>SYN: synchronizes sequence numbers; the first segment of a connection has it.</summary>
    Syn = 2,

    /// <summary>RST: resets the connection.</summary>
    Rst = 4,

    /// <summary>PSH: the receiver should pass its data to the application.</summary>
    Psh = 8,

    /// <summary>ACK: the acknowledgement number is valid.</summary>
    Ack = 16,

    /// <summary>URG: the urgent pointer is valid.</summary>
    Urg = 32,
}
