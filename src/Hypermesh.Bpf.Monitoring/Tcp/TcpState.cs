namespace Hypermesh.Bpf.Monitoring;

/// <summary>The state of a TCP socket, with the kernel's numbers.</summary>
public enum TcpState
{
    /// <summary>Not known.</summary>
    None,

    /// <summary>The connection is open.</summary>
    Established,

    /// <summary>It is being opened from this side.</summary>
    SynSent,

    /// <summary>It is being opened from the other side.</summary>
    SynReceived,

    /// <summary>This side has closed it, and the peer has not acknowledged that.</summary>
    FinWait1,

    /// <summary>This side has closed it, and the peer has not.</summary>
    FinWait2,

    /// <summary>It ended, and waits for late segments.</summary>
    TimeWait,

    /// <summary>It ended.</summary>
    Closed,

    /// <summary>The peer has closed it, and this side has not.</summary>
    CloseWait,

    /// <summary>Both sides have closed it, the peer first, and it has not acknowledged that.</summary>
    LastAck,

    /// <summary>The socket waits for connections.</summary>
    Listen,

    /// <summary>Both sides have closed it at the same time.</summary>
    Closing,
}

/// <summary>The states in the kernel programs' counters, and their names in outputs (OpenTelemetry's).</summary>
internal static class TcpStates
{
    internal const int Count = 16;
    internal const int RttSlots = 40;
    internal const int LifeSlots = 48;

    /// <summary>A request that is not a socket yet (TCP_NEW_SYN_RECV).</summary>
    internal const int Request = 12;

    private static readonly string[] s_names =
    [
        "none", "established", "syn_sent", "syn_received", "fin_wait_1", "fin_wait_2", "time_wait", "closed", "close_wait", "last_ack", "listen", "closing", "syn_received", "bound", "none", "none",
    ];

    internal static string Name(int state) => s_names[state];

    internal static string TypeName(int index) => index % 2 == 0 ? "ipv4" : "ipv6";
}
