namespace Hypermesh.Bpf;

/// <summary>How and where among others a program is attached to a control group.</summary>
public sealed record CGroupAttachOptions
{
    /// <summary>By link, or by BPF_PROG_ATTACH. What is attached without a link outlives a process that ends without detaching.</summary>
    public CGroupAttachMode Mode { get; init; }

    /// <summary>Its place among the programs of the group (6.17); the default is the end.</summary>
    public BpfAnchor Anchor { get; init; }

    /// <summary>It runs before those of the groups below, not after them (<c>BPF_F_PREORDER</c>; 6.15 without a link, 6.17 by link).</summary>
    public bool Preorder { get; init; }

    /// <summary>Takes the place of this program (5.6, <see cref="CGroupAttachMode.Multi"/> only); null to join the others.</summary>
    public BpfProgram? Replace { get; init; }
}
