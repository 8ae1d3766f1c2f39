using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.KernelCounters;

public sealed class SnmpFileTests
{
    private static ReadOnlySpan<byte> Text => """
        Ip: Forwarding DefaultTTL InReceives
        Ip: 1 64 42
        Tcp: RtoAlgorithm MaxConn ActiveOpens PassiveOpens CurrEstab
        Tcp: 1 -1 11 12 3
        TcpExt: SyncookiesSent TCPHPHits
        TcpExt: 0 77

        """u8;

    [Fact]
    public void A_counter_is_found_by_protocol_and_name()
    {
        Assert.Equal(11UL, SnmpFile.Find(Text, "Tcp"u8, "ActiveOpens"u8));
        Assert.Equal(12UL, SnmpFile.Find(Text, "Tcp"u8, "PassiveOpens"u8));
        Assert.Equal(3UL, SnmpFile.Find(Text, "Tcp"u8, "CurrEstab"u8));
        Assert.Equal(77UL, SnmpFile.Find(Text, "TcpExt"u8, "TCPHPHits"u8));
        Assert.Equal(42UL, SnmpFile.Find(Text, "Ip"u8, "InReceives"u8));
    }

    [Fact]
    public void A_counter_that_is_missing_or_negative_is_zero()
    {
        Assert.Equal(0UL, SnmpFile.Find(Text, "Tcp"u8, "Active"u8));
        Assert.Equal(0UL, SnmpFile.Find(Text, "Udp"u8, "NoPorts"u8));
        Assert.Equal(0UL, SnmpFile.Find(Text, "Tcp"u8, "MaxConn"u8));
        Assert.Equal(0UL, SnmpFile.Find("Tcp: ActiveOpens\n"u8, "Tcp"u8, "ActiveOpens"u8));
        Assert.Equal(0UL, SnmpFile.Find("Tcp: ActiveOpens PassiveOpens\nTcp: 1\n"u8, "Tcp"u8, "PassiveOpens"u8));
        Assert.Equal(0UL, SnmpFile.Find(""u8, "Tcp"u8, "ActiveOpens"u8));
    }
}
