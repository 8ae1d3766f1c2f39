namespace Hypermesh.Bpf;

/// <summary>A program on many places of a user program or library (6.6; what it says 6.8).</summary>
public sealed record BpfUProbeMultiLinkInfo : BpfLinkInfo
{
    private const uint Return = 1;

    internal BpfUProbeMultiLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        Flags = raw.UprobeMultiFlags;
        ProcessId = raw.UprobeMultiPid;
        Path = LinkInfoBuffers.ReadText(link, raw.UprobeMultiPathSize, static (ref info, buffer, size) =>
        {
            info.UprobeMultiPath = buffer;
            info.UprobeMultiPathSize = size;
        });
        Offsets = LinkInfoBuffers.ReadNumbers(link, raw.UprobeMultiCount, static (ref info, buffer, size) =>
        {
            info.UprobeMultiOffsets = buffer;
            info.UprobeMultiCount = size;
        });
    }

    /// <summary>The file; empty before 6.8.</summary>
    public string Path { get; }

    /// <summary>The places in the file; empty before 6.8.</summary>
    public IReadOnlyList<ulong> Offsets { get; }

    /// <summary><c>BPF_F_UPROBE_MULTI_…</c>.</summary>
    public uint Flags { get; }

    /// <summary>True when it runs as the functions return.</summary>
    public bool IsReturn => (Flags & Return) != 0;

    /// <summary>The one process it looks at, 0 for all.</summary>
    public uint ProcessId { get; }

    /// <inheritdoc/>
    public override string Target => $"{(IsReturn ? "return of " : "")}{Offsets.Count} places in {Path}";
}
