namespace Hypermesh.Bpf;

/// <summary>How a program is attached to many places of a user program or library at once.</summary>
public sealed record UProbeMultiOptions
{
    /// <summary>The process whose calls count; null for all.</summary>
    public int? ProcessId { get; init; }

    /// <summary>One number for each place, in their order, which the program reads by <c>bpf_get_attach_cookie</c>; null for none. Not for patterns.</summary>
    public IReadOnlyList<ulong>? Cookies { get; init; }

    /// <summary>For each place the byte of the file where its 16-bit reference counter is, 0 for none; null where no place has one. Not for patterns.</summary>
    public IReadOnlyList<ulong>? ReferenceCounterOffsets { get; init; }
}
