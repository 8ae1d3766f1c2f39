using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.ProgramLinking;

/// <summary>
/// A program as the kernel takes it but for the descriptors of maps: its functions behind it, calls resolved, CO-RE applied,
/// line and function info moved along.
/// </summary>
internal sealed class LinkedProgram
{
    internal LinkedProgram(
        BpfProgramSpec spec,
        BpfInstruction[] instructions,
        IReadOnlyList<InstructionReference> references,
        LinkedFunction[] functions,
        LinkedLine[] lines,
        IReadOnlyList<PoisonedInstruction> poisoned)
    {
        Spec = spec;
        Instructions = instructions;
        References = references;
        Functions = functions;
        Lines = lines;
        Poisoned = poisoned;
    }

    /// <summary>The program.</summary>
    public BpfProgramSpec Spec { get; }

    /// <summary>The instructions; the loader writes descriptors into them.</summary>
    public BpfInstruction[] Instructions { get; }

    /// <summary>The instructions that want a map.</summary>
    public IReadOnlyList<InstructionReference> References { get; }

    /// <summary>The functions; empty without BTF.</summary>
    public LinkedFunction[] Functions { get; }

    /// <summary>The C lines; empty without BTF.</summary>
    public LinkedLine[] Lines { get; }

    /// <summary>The instructions CO-RE could not resolve, with the reason.</summary>
    public IReadOnlyList<PoisonedInstruction> Poisoned { get; }

    /// <summary>The line an instruction comes from.</summary>
    /// <param name="index">The instruction.</param>
    /// <returns>The last line that begins at or before it, null without line info.</returns>
    public LinkedLine? LineOf(int index)
    {
        int next = index < 0 ? 0 : OffsetRange.FirstFrom(Lines, (ulong)index + 1, static line => line.Index);
        return next == 0 ? null : Lines[next - 1];
    }
}

/// <summary>Where a function begins in a linked program (<c>struct bpf_func_info</c>).</summary>
/// <param name="Index">Its first instruction.</param>
/// <param name="TypeId">Its type in the object's BTF.</param>
internal readonly record struct LinkedFunction(uint Index, uint TypeId);

/// <summary>The C line of an instruction of a linked program (<c>struct bpf_line_info</c>).</summary>
/// <param name="Index">The instruction.</param>
/// <param name="FileNameOffset">The file, as an offset into the object's BTF strings.</param>
/// <param name="TextOffset">The line's text, likewise.</param>
/// <param name="LineAndColumn">The line in the upper 22 bits, the column in the lower 10.</param>
internal readonly record struct LinkedLine(uint Index, uint FileNameOffset, uint TextOffset, uint LineAndColumn)
{
    /// <summary>The line, from 1.</summary>
    public int Line => (int)(LineAndColumn >> 10);

    /// <summary>The column, from 1.</summary>
    public int Column => (int)(LineAndColumn & 0x3ff);
}

/// <summary>A table of the <c>.jumptables</c> section, as a program has it that jumps through it (<c>gotox</c>).</summary>
/// <param name="Place">The byte of the section it begins at, which tells the tables of a program apart.</param>
/// <param name="Targets">The instructions it leads to, counted from the program's first.</param>
internal sealed record LinkedJumpTable(int Place, IReadOnlyList<int> Targets)
{
    internal LinkedJumpTable MovedBy(int instructions) => this with { Targets = [.. Targets.Select(target => target + instructions)] };
}

/// <summary>An instruction that is complete only when its map exists or its kernel symbol is found.</summary>
/// <param name="Index">The first half of the wide load.</param>
/// <param name="Kind">What it refers to.</param>
/// <param name="Map">The map, for <see cref="ReferenceKind.Map"/>.</param>
/// <param name="Section">The section, for <see cref="ReferenceKind.DataSection"/>; the second half already holds the offset.</param>
internal readonly record struct InstructionReference(int Index, ReferenceKind Kind, BpfMapSpec? Map, BpfDataSectionSpec? Section)
{
    /// <summary>The kernel's symbol, for <see cref="ReferenceKind.KernelSymbol"/> and <see cref="ReferenceKind.KernelFunction"/>.</summary>
    public BpfExternSpec? Extern { get; init; }

    /// <summary>The table, for <see cref="ReferenceKind.JumpTable"/>.</summary>
    public LinkedJumpTable? JumpTable { get; init; }

    internal InstructionReference MovedBy(int instructions) => this with { Index = Index + instructions, JumpTable = JumpTable?.MovedBy(instructions) };
}

/// <summary>What a wide load of a linked program refers to.</summary>
internal enum ReferenceKind
{
    /// <summary>A map: the kernel wants its descriptor.</summary>
    Map,

    /// <summary>A place in a data section: the kernel wants the descriptor of the section's map and an offset.</summary>
    DataSection,

    /// <summary>A kernel symbol: its address, or its number in BTF and the descriptor of that BTF.</summary>
    KernelSymbol,

    /// <summary>A call of a kernel function: its number in BTF, and which of the program's BTF descriptors has it.</summary>
    KernelFunction,

    /// <summary>A table of instructions to jump to: the kernel wants the descriptor of a map of them.</summary>
    JumpTable,
}

/// <summary>An instruction that must not be reached, since the running kernel lacks what it asks for.</summary>
/// <param name="Index">The instruction.</param>
/// <param name="Reason">What is missing.</param>
internal readonly record struct PoisonedInstruction(int Index, string Reason);
