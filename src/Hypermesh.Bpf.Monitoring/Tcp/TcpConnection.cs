using System.Net;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring.Tcp;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>Which side opened a connection.</summary>
public enum TcpDirection
{
    /// <summary>Not known: it was established before the monitor started.</summary>
    Unknown,

    /// <summary>It was accepted.</summary>
    In,

    /// <summary>It was opened by connect.</summary>
    Out,
}

/// <summary>A TCP connection that ended.</summary>
public sealed record TcpConnection
{
    internal TcpConnection(in TcpSkeleton.TcpEnded from)
    {
        EndNs = (long)from.EndNs;
        Life = from.LifeNs == 0 ? null : TimeSpan.FromTicks((long)(from.LifeNs / (ulong)TimeSpan.NanosecondsPerTick));
        BytesAcknowledged = from.BytesAcked;
        BytesReceived = from.BytesReceived;
        ProcessId = (int)from.Pid;
        ProcessName = from.Comm.ToString();
        RoundTrip = TimeSpan.FromMicroseconds(from.RttUs);
        Retransmits = from.Retransmits;
        Direction = (TcpDirection)from.Direction;
        LastState = (TcpState)from.LastState;
        NetworkNamespace = from.NetworkNamespace;
        int length = from.IsIpv6 == 0 ? 4 : 16;
        Local = new IPEndPoint(new IPAddress(MemoryMarshal.AsBytes(from.Local.AsSpan())[..length]), from.LocalPort);
        Remote = new IPEndPoint(new IPAddress(MemoryMarshal.AsBytes(from.Remote.AsSpan())[..length]), from.RemotePort);
    }

    /// <summary>When it ended: CLOCK_BOOTTIME in nanoseconds.</summary>
    public long EndNs { get; }

    /// <summary>The time since it was established; null when that was before the monitor started.</summary>
    public TimeSpan? Life { get; }

    /// <summary>Bytes that the peer acknowledged. The kernel counts sequence numbers, so that SYN and FIN are one byte each.</summary>
    public ulong BytesAcknowledged { get; }

    /// <summary>Bytes that were received; a FIN is one byte.</summary>
    public ulong BytesReceived { get; }

    /// <summary>The process that opened it, or, where it was accepted, that closed it, by its ID in the first PID namespace; 0 when that was not seen.</summary>
    public int ProcessId { get; }

    /// <summary>The name of that process's thread, at most 15 bytes; empty when it was not seen.</summary>
    public string ProcessName { get; }

    /// <summary>The last smoothed round-trip time; zero when there was none.</summary>
    public TimeSpan RoundTrip { get; }

    /// <summary>The segments that were retransmitted.</summary>
    public uint Retransmits { get; }

    /// <summary>Which side opened it.</summary>
    public TcpDirection Direction { get; }

    /// <summary>The state before it ended: <see cref="TcpState.Established"/> where a reset ended it.</summary>
    public TcpState LastState { get; }

    /// <summary>The inode number of its network namespace.</summary>
    public uint NetworkNamespace { get; }

    /// <summary>The address of this side.</summary>
    public IPEndPoint Local { get; }

    /// <summary>The address of the other side.</summary>
    public IPEndPoint Remote { get; }
}
