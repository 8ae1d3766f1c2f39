namespace Hypermesh.Bpf;

/// <summary>A program on a typed target: a tracepoint, a function, a security hook, another program (5.8).</summary>
public sealed record BpfTracingLinkInfo : BpfLinkInfo
{
    internal BpfTracingLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        AttachType = (BpfAttachType)raw.TracingAttachType;
        TargetObjectId = raw.TracingTargetObjId;
        TargetBtfId = raw.TracingTargetBtfId;
        Cookie = raw.TracingCookie;
    }

    /// <summary>How it is attached.</summary>
    public BpfAttachType AttachType { get; }

    /// <summary>The number of the BTF object the target is in; of the program it replaces a function of (<c>freplace</c>).</summary>
    public uint TargetObjectId { get; }

    /// <summary>The type of the target in that BTF.</summary>
    public uint TargetBtfId { get; }

    /// <summary>The number the program gets from <c>bpf_get_attach_cookie</c> (6.16).</summary>
    public ulong Cookie { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of type {TargetBtfId} in object {TargetObjectId}";
}
