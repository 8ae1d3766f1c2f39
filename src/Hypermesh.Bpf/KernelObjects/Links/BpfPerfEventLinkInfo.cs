namespace Hypermesh.Bpf;

/// <summary>A program on a perf event: a classic tracepoint, a probe, a clock, a counter (5.15; what it says 6.6).</summary>
public sealed record BpfPerfEventLinkInfo : BpfLinkInfo
{
    internal BpfPerfEventLinkInfo(in RawLinkInfo raw, string name)
        : base(raw)
    {
        Kind = (BpfPerfEventKind)raw.PerfEventType;
        Name = name;
    }

    /// <summary>What kind of event it is.</summary>
    public BpfPerfEventKind Kind { get; }

    /// <summary>The tracepoint, the kernel function, or the user file; empty for other events.</summary>
    public string Name { get; }

    /// <summary>For probes: the place in the function or the file.</summary>
    public ulong Offset { get; internal init; }

    /// <summary>For kernel probes: where the function is, 0 where the kernel hides addresses.</summary>
    public ulong Address { get; internal init; }

    /// <summary>For kernel probes: how often it was not run (6.7).</summary>
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
