namespace Hypermesh.Bpf;

/// <summary>How a request ended: 0 or the negative errno, and what the kernel says of it in words (4.12), empty where it says nothing.</summary>
internal readonly record struct NetlinkResult(long Result, string Message)
{
    /// <summary>The words as a sentence of an error, empty without any.</summary>
    internal string Quote => Message.Length == 0 ? "" : $"The kernel says: {Message.TrimEnd('.')}.";
}
