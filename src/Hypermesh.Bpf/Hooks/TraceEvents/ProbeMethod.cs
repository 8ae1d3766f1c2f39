namespace Hypermesh.Bpf;

/// <summary>Kernel mechanisms that attach a probe.</summary>
public enum ProbeMethod
{
    /// <summary>The best that the kernel supports: a link on a perf event (5.15), else a perf event (4.17), else an event of the tracing file system.</summary>
    Automatic,

    /// <summary>An event of the tracing file system (<c>kprobe_events</c>, <c>uprobe_events</c>), with the program attached to it. Needs write access to tracefs.</summary>
    TraceFs,

    /// <summary>A perf event, with the program attached to it without a link; it cannot have a cookie.</summary>
    PerfEvent,

    /// <summary>A link on a perf event (5.15), or an error.</summary>
    Link,
}
