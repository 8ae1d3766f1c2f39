using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects.ProgramLinking;

/// <summary>
/// A program in the form that the kernel accepts, except for the descriptors of maps: its functions follow it, calls are resolved, CO-RE is applied, and
/// line and function info are adjusted.
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

    /// <summary>The program in the object.</summary>
    public BpfProgramSpec Spec { get; }

    /// <summary>The instructions; the loader writes descriptors into them.</summary>
    public BpfInstruction[] Instructions { get; }

    /// <summary>The instructions that refer to a map or a kernel symbol.</summary>
    public IReadOnlyList<InstructionReference> References { get; }

    /// <summary>The functions; empty without BTF.</summary>
    public LinkedFunction[] Functions { get; }

    /// <summary>The C lines; empty without BTF.</summary>
    public LinkedLine[] Lines { get; }

    /// <summary>The instructions that CO-RE could not resolve, with the reason.</summary>
    public IReadOnlyList<PoisonedInstruction> Poisoned { get; }

    /// <summary>Returns the C line that an instruction comes from.</summary>
    /// <param name="index">The index of the instruction.</param>
    /// <returns>The last line that begins at or before it; null when there is none.</returns>
    public LinkedLine? LineOf(int index)
    {
        int next = index < 0 ? 0 : OffsetRange.FirstFrom(Lines, (ulong)index + 1, static line => line.Index);
        return next == 0 ? null : Lines[next - 1];
    }
}

/// <summary>The start of a function in a linked program (<c>struct bpf_func_info</c>).</summary>
/// <param name="Index">The index of its first instruction.</param>
/// <param name="TypeId">The ID of its type in the object's BTF.</param>
internal readonly record struct LinkedFunction(uint Index, uint TypeId);

/// <summary>The C line of an instruction of a linked program (<c>struct bpf_line_info</c>).</summary>
/// <param name="Index">The index of the instruction.</param>
/// <param name="FileNameOffset">The file, as an offset into the object's BTF strings.</param>
/// <param name="TextOffset">The text of the line, as an offset into the object's BTF strings.</param>
/// <param name="LineAndColumn">The line in the upper 22 bits, the column in the lower 10.</param>
internal readonly record struct LinkedLine(uint Index, uint FileNameOffset, uint TextOffset, uint LineAndColumn)
{
    /// <summary>The line, from 1.</summary>
    public int Line => (int)(LineAndColumn >> 10);

    /// <summary>The column, from 1.</summary>
    public int Column => (int)(LineAndColumn & 0x3ff);
}

/// <summary>A table of the <c>.jumptables</c> section, as used by a program that jumps through it (<c>gotox</c>).</summary>
/// <param name="Place">Its offset in the section, which identifies the table within a program.</param>
/// <param name="Targets">The indices of the target instructions, from the start of the program.</param>
internal sealed record LinkedJumpTable(int Place, IReadOnlyList<int> Targets)
{
    internal LinkedJumpTable MovedBy(int instructions) => this with { Targets = [.. Targets.Select(target => target + instructions)] };
}

/// <summary>An instruction that is complete only when its map exists or its kernel symbol is found.</summary>
/// <param name="Index">The index of the first half of the wide load, or of the call.</param>
/// <param name="Kind">The kind of its target.</param>
/// <param name="Map">The map, for <see cref="ReferenceKind.Map"/>.</param>
/// <param name="Section">The section, for <see cref="ReferenceKind.DataSection"/>; the second half already contains the offset.</param>
internal readonly record struct InstructionReference(int Index, ReferenceKind Kind, BpfMapSpec? Map, BpfDataSectionSpec? Section)
{
    /// <summary>The kernel symbol, for <see cref="ReferenceKind.KernelSymbol"/> and <see cref="ReferenceKind.KernelFunction"/>.</summary>
    public BpfExternSpec? Extern { get; init; }

    /// <summary>The table, for <see cref="ReferenceKind.JumpTable"/>.</summary>
    public LinkedJumpTable? JumpTable { get; init; }

    internal InstructionReference MovedBy(int instructions) => this with { Index = Index + instructions, JumpTable = JumpTable?.MovedBy(instructions) };
}

/// <summary>The kind of target that an instruction of a linked program refers to.</summary>
internal enum ReferenceKind
{
    /// <summary>A map: the kernel requires its descriptor.</summary>
    Map,

    /// <summary>A place in a data section: the kernel requires the descriptor of the section's map and an offset.</summary>
    DataSection,

    /// <summary>A kernel symbol: the kernel requires its address, or its BTF ID and the descriptor of that BTF.</summary>
    KernelSymbol,

    /// <summary>A call of a kernel function: the kernel requires its BTF ID, and the index of the BTF among the program's descriptors.</summary>
    KernelFunction,

    /// <summary>A jump table: the kernel requires the descriptor of a map with the target instructions.</summary>
    JumpTable,
}

/// <summary>An instruction that must not be reached, because the running kernel lacks the type or member it needs.</summary>
/// <param name="Index">The index of the instruction.</param>
/// <param name="Reason">The description of the missing type or member.</param>
internal readonly record struct PoisonedInstruction(int Index, string Reason);
