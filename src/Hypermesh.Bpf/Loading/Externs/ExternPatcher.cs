using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>Writes the resolved kernel symbols into the instructions that refer to them.</summary>
internal static class ExternPatcher
{
    // libbpf's placeholder for a call of a missing function; the verifier reports the number when it reaches the call.
    private const int MissingFunctionBase = 2_002_000_000;

    /// <summary>Completes one instruction; a call of a missing function is added to the poisoned ones.</summary>
    internal static void Write(ResolvedExterns externs, LinkedProgram linked, InstructionReference reference, List<PoisonedInstruction> poisoned)
    {
        BpfExternSpec one = reference.Extern!;
        ResolvedExtern? found = externs.Find(one);
        ref BpfInstruction instruction = ref linked.Instructions[reference.Index];
        if (reference.Kind == ReferenceKind.KernelSymbol)
        {
            WriteLoad(ref instruction, ref linked.Instructions[reference.Index + 1], found);
        }
        else if (found is not null)
        {
            instruction.Immediate = found.BtfId;
            instruction.Offset = found.ModuleIndex;
        }
        else
        {
            instruction = new BpfInstruction(BpfOpCode.Call, 0, 0, 0, MissingFunctionBase + one.Number);
            poisoned.Add(new PoisonedInstruction(reference.Index, externs.WhyMissing(one)));
        }
    }

    // A missing weak symbol is the constant 0.
    private static void WriteLoad(ref BpfInstruction low, ref BpfInstruction high, ResolvedExtern? found)
    {
        if (found is { BtfId: > 0 })
        {
            low.Source = BpfOpCode.PseudoBtfId;
            low.Immediate = found.BtfId;
            // The current load holds the module's types open.
            high.Immediate = found.Module is null ? 0 : (int)found.Module.Handle.DangerousGetHandle();
            return;
        }

        ulong address = found?.Address ?? 0;
        low.Immediate = (int)address;
        high.Immediate = (int)(address >> 32);
    }
}
