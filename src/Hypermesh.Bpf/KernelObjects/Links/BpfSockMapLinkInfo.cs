namespace Hypermesh.Bpf;

/// <summary>A program on a socket map (6.10).</summary>
public sealed record BpfSockMapLinkInfo : BpfLinkInfo
{
    internal BpfSockMapLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        MapId = raw.SockmapMapId;
        AttachType = (BpfAttachType)raw.SockmapAttachType;
    }

    /// <summary>The number of the map; 0 once it is detached.</summary>
    public uint MapId { get; }

    /// <summary>What it does for the sockets.</summary>
    public BpfAttachType AttachType { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of map {MapId}";
}
