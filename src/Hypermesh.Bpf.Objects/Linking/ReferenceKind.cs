namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>What a wide load of a linked program refers to.</summary>
public enum ReferenceKind
{
    /// <summary>A map: the kernel wants its descriptor.</summary>
    Map,

    /// <summary>A place in a section of globals: the kernel wants the descriptor of the section's map and an offset.</summary>
    DataSection,
}
