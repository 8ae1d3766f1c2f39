using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>
/// A program as the kernel takes it but for the descriptors of maps: its functions behind it, calls resolved, CO-RE applied,
/// line and function info moved along.
/// </summary>
public sealed class LinkedProgram
{
    internal LinkedProgram(
        ProgramSpec spec,
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
    public ProgramSpec Spec { get; }

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
        LinkedLine? found = null;
        foreach (LinkedLine line in Lines)
        {
            if (line.Index > index)
            {
                break;
            }

            found = line;
        }

        return found;
    }
}
