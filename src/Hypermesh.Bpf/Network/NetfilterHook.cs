namespace Hypermesh.Bpf;

/// <summary>The places of netfilter (<c>NF_INET_…</c>).</summary>
public enum NetfilterHook
{
    /// <summary>As packets come in, before routing.</summary>
    PreRouting = 0,

    /// <summary>Packets for this machine.</summary>
    LocalIn = 1,

    /// <summary>Packets that are sent on.</summary>
    Forward = 2,

    /// <summary>Packets this machine sends.</summary>
    LocalOut = 3,

    /// <summary>As packets go out, after routing.</summary>
    PostRouting = 4,
}
