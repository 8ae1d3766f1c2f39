using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Monitoring.Tcp;

/// <summary>What the kernel counts of TCP in one network namespace, in <c>/proc/net/snmp</c> and <c>/proc/net/netstat</c>.</summary>
internal readonly record struct TcpKernelCounts
{
    /// <summary>Connections that either side opened.</summary>
    internal ulong Opens { get; private init; }

    /// <summary>Segments that were retransmitted.</summary>
    internal ulong Retransmits { get; private init; }

    /// <summary>Those of them that begin a connection: SYN, and SYN with ACK.</summary>
    internal ulong SynRetransmits { get; private init; }

    /// <summary>Those that could not be sent.</summary>
    internal ulong FailedRetransmits { get; private init; }

    /// <summary>Segments with data on the fast path: each of them passes tcp_probe.</summary>
    internal ulong FastSegments { get; private init; }

    /// <summary>Connections that are open, or closed by the peer only.</summary>
    internal ulong Established { get; private init; }

    /// <summary>Segments that came in, of any kind.</summary>
    internal ulong Segments { get; private init; }

    internal static TcpKernelCounts Read(SnmpFile snmp, SnmpFile netstat)
    {
        ReadOnlySpan<byte> text = snmp.Read();
        ulong opens = SnmpFile.Find(text, "Tcp"u8, "ActiveOpens"u8) + SnmpFile.Find(text, "Tcp"u8, "PassiveOpens"u8);
        ulong retransmits = SnmpFile.Find(text, "Tcp"u8, "RetransSegs"u8), established = SnmpFile.Find(text, "Tcp"u8, "CurrEstab"u8);
        ulong segments = SnmpFile.Find(text, "Tcp"u8, "InSegs"u8);
        text = netstat.Read();
        return new TcpKernelCounts
        {
            Opens = opens,
            Retransmits = retransmits,
            Established = established,
            Segments = segments,
            SynRetransmits = SnmpFile.Find(text, "TcpExt"u8, "TCPSynRetrans"u8),
            FailedRetransmits = SnmpFile.Find(text, "TcpExt"u8, "TCPRetransFail"u8),
            FastSegments = SnmpFile.Find(text, "TcpExt"u8, "TCPHPHits"u8),
        };
    }
}
