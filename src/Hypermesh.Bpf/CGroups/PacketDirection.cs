namespace Hypermesh.Bpf;

/// <summary>Which packets of a control group a program sees.</summary>
public enum PacketDirection
{
    /// <summary>Those its sockets receive.</summary>
    Ingress,

    /// <summary>Those its sockets send.</summary>
    Egress,
}
