namespace Hypermesh.Bpf;

/// <summary>How a program is attached to a place of a user program or library.</summary>
public sealed record UProbeOptions
{
    /// <summary>The process whose calls count; null for all, those that begin later too.</summary>
    public int? ProcessId { get; init; }

    /// <summary>A number the program reads by <c>bpf_get_attach_cookie</c> (5.15).</summary>
    public ulong Cookie { get; init; }

    /// <summary>The byte of the file where a 16-bit counter is that the kernel raises while anyone listens (4.20), such as a static probe's semaphore; 0 for none.</summary>
    public ulong ReferenceCounterOffset { get; init; }

    /// <summary>By which of the kernel's ways.</summary>
    public ProbeMethod Method { get; init; }
}
