namespace Hypermesh.Bpf;

/// <summary>The packets a netfilter hook sees (<c>NFPROTO_…</c>).</summary>
public enum NetfilterFamily
{
    /// <summary>IPv4.</summary>
    IPv4 = 2,

    /// <summary>IPv6.</summary>
    IPv6 = 10,
}
