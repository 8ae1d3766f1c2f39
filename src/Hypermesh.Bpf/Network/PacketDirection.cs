namespace Hypermesh.Bpf;

/// <summary>The direction of the packets that a program sees.</summary>
public enum PacketDirection
{
    /// <summary>Incoming packets.</summary>
    Ingress,

    /// <summary>Outgoing packets.</summary>
    Egress,
}
