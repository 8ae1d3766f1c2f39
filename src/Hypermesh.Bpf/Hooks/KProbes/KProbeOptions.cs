namespace Hypermesh.Bpf;

/// <summary>How a program is attached to a kernel function.</summary>
public sealed record KProbeOptions
{
    /// <summary>A number the program reads by <c>bpf_get_attach_cookie</c> (5.15), to tell its attachments apart.</summary>
    public ulong Cookie { get; init; }

    /// <summary>
    /// For return probes: how many calls of the function may be under way at once before returns are missed; 0 for the kernel's default (at least 10, or twice its CPUs).
    /// Goes through the tracing file system, so it excludes every other <see cref="Method"/>.
    /// </summary>
    public int MaxActive { get; init; }

    /// <summary>By which of the kernel's ways.</summary>
    public ProbeMethod Method { get; init; }
}
