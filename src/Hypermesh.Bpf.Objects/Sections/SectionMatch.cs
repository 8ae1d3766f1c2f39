namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>How a section's name is compared with a row of the table.</summary>
public enum SectionMatch
{
    /// <summary>The whole name.</summary>
    Exact,

    /// <summary>The whole name, or the name followed by <c>/</c> and a target.</summary>
    NameOrPrefix,
}
