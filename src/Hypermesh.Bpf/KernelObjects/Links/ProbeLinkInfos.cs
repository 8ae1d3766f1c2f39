using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf;

/// <summary>A program on a perf event: a classic tracepoint, a probe, a clock, a counter (5.15; fields 6.6).</summary>
public sealed record BpfPerfEventLinkInfo : BpfLinkInfo
{
    internal BpfPerfEventLinkInfo(in RawLinkInfo raw, string name)
        : base(raw)
    {
        Kind = (BpfPerfEventKind)raw.PerfEventType;
        Name = name;
    }

    /// <summary>The kind of event.</summary>
    public BpfPerfEventKind Kind { get; }

    /// <summary>The tracepoint, the kernel function, or the user file; empty for other events.</summary>
    public string Name { get; }

    /// <summary>For probes: the place in the function or the file.</summary>
    public ulong Offset { get; internal init; }

    /// <summary>For kernel probes: the address of the function; 0 if the kernel hides addresses.</summary>
    public ulong Address { get; internal init; }

    /// <summary>For kernel probes: how many runs were missed (6.7).</summary>
    public ulong Missed { get; internal init; }

    /// <summary>For other events: the type (<c>PERF_TYPE_…</c>).</summary>
    public uint EventType { get; internal init; }

    /// <summary>For other events: the event of that type.</summary>
    public ulong EventConfig { get; internal init; }

    /// <summary>The number the program gets from <c>bpf_get_attach_cookie</c> (6.9).</summary>
    public ulong Cookie { get; internal init; }

    /// <inheritdoc/>
    public override string Target => Kind switch
    {
        BpfPerfEventKind.Unspec => "perf event",
        BpfPerfEventKind.Event => $"perf event {EventType}:{EventConfig}",
        BpfPerfEventKind.Tracepoint => $"tracepoint {Name}",
        _ => $"{Kind} {Name}+0x{Offset:x}",
    };
}

/// <summary>Kinds of perf event that a program is attached to. Values are those of the kernel's <c>enum bpf_perf_event_type</c>.</summary>
public enum BpfPerfEventKind : uint
{
    /// <summary>The kernel does not report it (before 6.6).</summary>
    Unspec = 0,

    /// <summary>The entry of a user function.</summary>
    UProbe = 1,

    /// <summary>The return of a user function.</summary>
    URetProbe = 2,

    /// <summary>The entry of a kernel function.</summary>
    KProbe = 3,

    /// <summary>The return of a kernel function.</summary>
    KRetProbe = 4,

    /// <summary>A tracepoint.</summary>
    Tracepoint = 5,

    /// <summary>Any other event: a clock, a counter, a breakpoint.</summary>
    Event = 6,
}

/// <summary>A program on many kernel functions (5.18; fields 6.6).</summary>
public sealed record BpfKProbeMultiLinkInfo : BpfLinkInfo
{
    private const uint Return = 1;

    internal BpfKProbeMultiLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        IsReturn = (raw.KprobeMultiFlags & Return) != 0;
        Missed = raw.KprobeMultiMissed;
        Addresses = LinkInfoBuffers.ReadNumbers(link, raw.KprobeMultiCount, static (ref info, buffer, size) =>
        {
            info.KprobeMultiAddrs = buffer;
            info.KprobeMultiCount = size;
        });
    }

    /// <summary>The addresses of the functions; zeroes if the kernel hides addresses (kptr_restrict), empty before 6.6.</summary>
    public IReadOnlyList<ulong> Addresses { get; }

    /// <summary>True if the program runs when the functions return.</summary>
    public bool IsReturn { get; }

    /// <summary>How many runs were missed because the program was already running (6.7).</summary>
    public ulong Missed { get; }

    /// <inheritdoc/>
    public override string Target => $"{(IsReturn ? "return of " : "")}{Addresses.Count} kernel functions";
}

/// <summary>A program on many places of a user program or library (6.6; fields 6.8).</summary>
public sealed record BpfUProbeMultiLinkInfo : BpfLinkInfo
{
    private const uint Return = 1;

    internal BpfUProbeMultiLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        IsReturn = (raw.UprobeMultiFlags & Return) != 0;
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

    /// <summary>True if the program runs when the functions return.</summary>
    public bool IsReturn { get; }

    /// <summary>The ID of the process it is restricted to, 0 for all.</summary>
    public uint ProcessId { get; }

    /// <inheritdoc/>
    public override string Target => $"{(IsReturn ? "return of " : "")}{Offsets.Count} places in {Path}";
}
