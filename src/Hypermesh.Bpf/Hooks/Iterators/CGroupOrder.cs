namespace Hypermesh.Bpf;

/// <summary>Which control groups an iterator of them walks, and in which order.</summary>
public enum CGroupOrder : uint
{
    /// <summary>The group alone.</summary>
    SelfOnly = 1,

    /// <summary>The group, then those below it.</summary>
    DescendantsBefore = 2,

    /// <summary>Those below the group, then it.</summary>
    DescendantsAfter = 3,

    /// <summary>The group, then those above it up to the root.</summary>
    Ancestors = 4,
}
