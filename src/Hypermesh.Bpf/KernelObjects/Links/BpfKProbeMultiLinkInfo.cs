namespace Hypermesh.Bpf;

/// <summary>A program on many kernel functions (5.18; what it says 6.6).</summary>
public sealed record BpfKProbeMultiLinkInfo : BpfLinkInfo
{
    private const uint Return = 1;

    internal BpfKProbeMultiLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        Flags = raw.KprobeMultiFlags;
        Missed = raw.KprobeMultiMissed;
        Addresses = LinkInfoBuffers.ReadNumbers(link, raw.KprobeMultiCount, static (ref info, buffer, size) =>
        {
            info.KprobeMultiAddrs = buffer;
            info.KprobeMultiCount = size;
        });
    }

    /// <summary>Where the functions are; zeroes where the kernel hides addresses (kptr_restrict), empty before 6.6.</summary>
    public IReadOnlyList<ulong> Addresses { get; }

    /// <summary><c>BPF_F_KPROBE_MULTI_…</c>.</summary>
    public uint Flags { get; }

    /// <summary>True when it runs as the functions return.</summary>
    public bool IsReturn => (Flags & Return) != 0;

    /// <summary>How often it was not run because it was running already (6.7).</summary>
    public ulong Missed { get; }

    /// <inheritdoc/>
    public override string Target => $"{(IsReturn ? "return of " : "")}{Addresses.Count} kernel functions";
}
