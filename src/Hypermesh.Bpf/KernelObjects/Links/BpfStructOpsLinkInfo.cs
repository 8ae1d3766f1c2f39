namespace Hypermesh.Bpf;

/// <summary>A table of operations that is in force (6.4).</summary>
public sealed record BpfStructOpsLinkInfo : BpfLinkInfo
{
    internal BpfStructOpsLinkInfo(in RawLinkInfo raw)
        : base(raw) => MapId = raw.StructOpsMapId;

    /// <summary>The number of the map the table is; 0 once it is detached.</summary>
    public uint MapId { get; }

    /// <inheritdoc/>
    public override string Target => $"operations of map {MapId}";
}
