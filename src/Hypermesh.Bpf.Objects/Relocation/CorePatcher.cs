using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>Writes a relocation's value into its instruction. The instruction must be able to contain a value, and must contain the one from compile time.</summary>
internal static class CorePatcher
{
    // "bad relo": the invalid helper number that other loaders also use, so that it is recognized in the verifier's log.
    private const int PoisonedHelper = 0xbad2310;

    /// <summary>Patches an instruction, or poisons it when there is no value.</summary>
    /// <returns>True when the instruction was poisoned.</returns>
    public static bool Patch(CoreSubject subject, in CoreResolution resolution, Span<BpfInstruction> at)
    {
        if (!resolution.IsPoisoned)
        {
            switch (at[0].Class)
            {
                case BpfOpCode.ClassArithmetic32 or BpfOpCode.ClassArithmetic64:
                    PatchArithmetic(subject, resolution, ref at[0]);
                    return false;
                case BpfOpCode.ClassLoadRegister or BpfOpCode.ClassStore or BpfOpCode.ClassStoreRegister:
                    if (TryPatchAccess(subject, resolution, ref at[0]))
                    {
                        return false;
                    }

                    break;
                case BpfOpCode.ClassLoad:
                    PatchWideLoad(subject, resolution, at);
                    return false;
                default:
                    throw subject.Malformed($"the instruction (code 0x{at[0].OpCode:x2}) is not an arithmetic, load or store instruction");
            }
        }

        Poison(at);
        return true;
    }

    private static void PatchArithmetic(CoreSubject subject, in CoreResolution resolution, ref BpfInstruction instruction)
    {
        if ((instruction.OpCode & BpfOpCode.SourceRegister) != 0)
        {
            throw subject.Malformed($"the instruction (code 0x{instruction.OpCode:x2}) has no constant operand");
        }

        Check(subject, resolution, (ulong)instruction.Immediate);
        instruction.Immediate = (int)resolution.TargetValue;
    }

    private static bool TryPatchAccess(CoreSubject subject, in CoreResolution resolution, ref BpfInstruction instruction)
    {
        Check(subject, resolution, (ulong)instruction.Offset);
        if (resolution.TargetValue > (ulong)short.MaxValue)
        {
            throw subject.Unfit($"the offset {resolution.TargetValue} is too large for a load or store; add it to the pointer, or use bpf_core_read");
        }

        if (resolution.IsMisfit)
        {
            return false;
        }

        instruction.Offset = (short)resolution.TargetValue;
        if (resolution.LocalSize != resolution.TargetSize)
        {
            Resize(subject, resolution, ref instruction);
        }

        return true;
    }

    private static void Resize(CoreSubject subject, in CoreResolution resolution, ref BpfInstruction instruction)
    {
        int width = (instruction.OpCode & BpfOpCode.SizeMask) switch
        {
            BpfOpCode.SizeByte => 1,
            BpfOpCode.SizeHalf => 2,
            BpfOpCode.SizeWord => 4,
            _ => 8,
        };
        if (width != resolution.LocalSize)
        {
            throw subject.Malformed($"the instruction accesses {width} bytes, but the field has {resolution.LocalSize}");
        }

        byte size = resolution.TargetSize switch
        {
            1 => BpfOpCode.SizeByte,
            2 => BpfOpCode.SizeHalf,
            4 => BpfOpCode.SizeWord,
            8 => BpfOpCode.SizeDouble,
            _ => throw subject.Unfit($"the field has {resolution.TargetSize} bytes in the kernel, and a load or store has 1, 2, 4 or 8"),
        };
        instruction.OpCode = (byte)((instruction.OpCode & ~BpfOpCode.SizeMask) | size);
    }

    private static void PatchWideLoad(CoreSubject subject, in CoreResolution resolution, Span<BpfInstruction> at)
    {
        if (!at[0].IsWideLoad || at.Length < 2 || at[0].Source != 0 || at[0].Offset != 0
            || at[1].OpCode != 0 || at[1].Registers != 0 || at[1].Offset != 0)
        {
            throw subject.Malformed("the instruction is not a load of a 64-bit constant");
        }

        Check(subject, resolution, (uint)at[0].Immediate | ((ulong)(uint)at[1].Immediate << 32));
        at[0].Immediate = (int)resolution.TargetValue;
        at[1].Immediate = (int)(resolution.TargetValue >> 32);
    }

    private static void Check(CoreSubject subject, in CoreResolution resolution, ulong held)
    {
        if (resolution.IsChecked && held != resolution.LocalValue)
        {
            throw subject.Malformed($"the instruction has the constant {(long)held}, but the object's own types give {(long)resolution.LocalValue}");
        }
    }

    // Both halves of a wide load are replaced, because the verifier would report a lone second half as an unknown instruction.
    private static void Poison(Span<BpfInstruction> at)
    {
        var poison = new BpfInstruction(BpfOpCode.Call, 0, 0, 0, PoisonedHelper);
        if (at[0].IsWideLoad && at.Length > 1)
        {
            at[1] = poison;
        }

        at[0] = poison;
    }
}
