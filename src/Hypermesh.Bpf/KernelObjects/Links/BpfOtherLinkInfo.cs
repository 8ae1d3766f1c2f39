namespace Hypermesh.Bpf;

/// <summary>A link of a kind whose fields this version does not know.</summary>
public sealed record BpfOtherLinkInfo : BpfLinkInfo
{
    internal BpfOtherLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
    }

    /// <inheritdoc/>
    public override string Target => Type.ToString();
}
