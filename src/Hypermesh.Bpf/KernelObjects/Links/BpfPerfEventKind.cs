namespace Hypermesh.Bpf;

/// <summary>What a perf event with a program on it is. Numbers are those of the kernel's <c>enum bpf_perf_event_type</c>.</summary>
public enum BpfPerfEventKind : uint
{
    /// <summary>The kernel does not say (before 6.6).</summary>
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
