namespace Hypermesh.Bpf;

/// <summary>How a program is attached to many kernel functions at once.</summary>
public sealed record KProbeMultiOptions
{
    /// <summary>One number for each function, in their order, which the program reads by <c>bpf_get_attach_cookie</c>; null for none. Not for patterns.</summary>
    public IReadOnlyList<ulong>? Cookies { get; init; }

    /// <summary>For patterns: true to refuse one that fits more than one function.</summary>
    public bool Unique { get; init; }
}
