namespace Hypermesh.Bpf;

/// <summary>By which of the kernel's ways a probe is attached.</summary>
public enum ProbeMethod
{
    /// <summary>The best the kernel has: a link on a perf event (5.15), else a perf event (4.17), else an event of the tracing file system.</summary>
    Automatic,

    /// <summary>An event of the tracing file system (<c>kprobe_events</c>, <c>uprobe_events</c>), and the program on it. Needs tracefs to be writable.</summary>
    TraceFs,

    /// <summary>A perf event, and the program put on it without a link object; it carries no cookie.</summary>
    PerfEvent,

    /// <summary>A link on a perf event (5.15), or an error.</summary>
    Link,
}
