using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>One function of the object, relocated once however many programs call it.</summary>
internal sealed class CodeUnit(ElfSection section, ElfSymbol symbol, BpfInstruction[] instructions)
{
    public ElfSection Section => section;

    public ElfSymbol Symbol => symbol;

    public BpfInstruction[] Instructions => instructions;

    /// <summary>Its first instruction within its section.</summary>
    public int FirstIndex => (int)(symbol.Value / BpfInstruction.Size);

    public string Name => symbol.Name;

    public bool IsRelocated { get; set; }

    /// <summary>Why it could not be relocated, once that was tried.</summary>
    public BpfException? Failure { get; set; }

    public List<InstructionReference> References { get; } = [];

    public List<FunctionCall> Calls { get; } = [];

    public List<PoisonedInstruction> Poisoned { get; } = [];
}
