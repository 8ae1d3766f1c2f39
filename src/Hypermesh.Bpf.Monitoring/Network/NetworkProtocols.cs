namespace Hypermesh.Bpf.Monitoring;

/// <summary>The protocol of a packet's network header.</summary>
public enum NetworkType
{
    /// <summary>IPv4.</summary>
    IPv4,

    /// <summary>IPv6.</summary>
    IPv6,

    /// <summary>ARP.</summary>
    Arp,

    /// <summary>Any other.</summary>
    Other,
}

/// <summary>The protocol that an IP packet carries.</summary>
public enum NetworkTransport
{
    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>ICMP, or ICMPv6.</summary>
    Icmp,

    /// <summary>Any other, or none.</summary>
    Other,
}

/// <summary>The order of protocols in the kernel programs' counters, and their names in outputs.</summary>
internal static class NetworkProtocols
{
    internal const int Transports = 4;
    internal const int Count = 4 * Transports;

    private static readonly string[] s_types = ["ipv4", "ipv6", "arp", "other"];
    private static readonly string[] s_transports = ["tcp", "udp", "icmp", "other"];

    internal static int Index(NetworkType type, NetworkTransport transport) => ((int)type * Transports) + (int)transport;

    internal static string TypeName(int index) => s_types[index / Transports];

    internal static string TransportName(int index) => s_transports[index % Transports];
}
