namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>An instruction that is complete only when its map exists or its kernel symbol is found.</summary>
/// <param name="Index">The first half of the wide load.</param>
/// <param name="Kind">What it refers to.</param>
/// <param name="Map">The map, for <see cref="ReferenceKind.Map"/>.</param>
/// <param name="Section">The section, for <see cref="ReferenceKind.DataSection"/>; the second half already holds the offset.</param>
public readonly record struct InstructionReference(int Index, ReferenceKind Kind, MapSpec? Map, DataSectionSpec? Section)
{
    /// <summary>The kernel's symbol, for <see cref="ReferenceKind.KernelSymbol"/> and <see cref="ReferenceKind.KernelFunction"/>.</summary>
    public ExternSpec? Extern { get; init; }

    /// <summary>The table, for <see cref="ReferenceKind.JumpTable"/>.</summary>
    public LinkedJumpTable? JumpTable { get; init; }

    internal InstructionReference MovedBy(int instructions) => this with { Index = Index + instructions, JumpTable = JumpTable?.MovedBy(instructions) };
}
