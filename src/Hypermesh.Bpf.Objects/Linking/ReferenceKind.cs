namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>What a wide load of a linked program refers to.</summary>
public enum ReferenceKind
{
    /// <summary>A map: the kernel wants its descriptor.</summary>
    Map,

    /// <summary>A place in a section of globals: the kernel wants the descriptor of the section's map and an offset.</summary>
    DataSection,

    /// <summary>A kernel symbol: its address, or its number in BTF and the descriptor of that BTF.</summary>
    KernelSymbol,

    /// <summary>A call of a kernel function: its number in BTF, and which of the program's BTF descriptors has it.</summary>
    KernelFunction,

    /// <summary>A table of instructions to jump to: the kernel wants the descriptor of a map of them.</summary>
    JumpTable,
}
