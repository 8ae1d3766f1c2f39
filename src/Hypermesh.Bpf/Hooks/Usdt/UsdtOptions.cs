namespace Hypermesh.Bpf;

/// <summary>How a program is attached to a static probe of a user program or library.</summary>
public sealed record UsdtOptions
{
    /// <summary>The process whose hits count; null for all. Before 5.15 a library, or a program that may be loaded anywhere, can be attached to in one process only.</summary>
    public int? ProcessId { get; init; }

    /// <summary>A number the program reads by <c>bpf_usdt_cookie</c>.</summary>
    public ulong Cookie { get; init; }
}
