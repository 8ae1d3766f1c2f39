namespace Hypermesh.Bpf;

/// <summary>A program on a raw tracepoint (5.8).</summary>
public sealed record BpfRawTracepointLinkInfo : BpfLinkInfo
{
    internal BpfRawTracepointLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        Name = LinkInfoBuffers.ReadText(link, raw.RawTracepointTpNameLen, static (ref info, buffer, size) =>
        {
            info.RawTracepointTpName = buffer;
            info.RawTracepointTpNameLen = size;
        });
        Cookie = raw.RawTracepointCookie;
    }

    /// <summary>The name of the tracepoint.</summary>
    public string Name { get; }

    /// <summary>The number the program gets from <c>bpf_get_attach_cookie</c> (6.10).</summary>
    public ulong Cookie { get; }

    /// <inheritdoc/>
    public override string Target => Name;
}
