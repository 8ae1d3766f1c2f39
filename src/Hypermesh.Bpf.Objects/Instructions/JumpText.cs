namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>Jumps, calls and exits in words.</summary>
internal static class JumpText
{
    private const byte Always = 0x05;
    private const byte AlwaysFar = 0x06;
    private const byte AlwaysByRegister = 0x0d;
    private const byte MayGoto = 0xe5;

    private static readonly string?[] s_comparisons = [null, "==", ">", ">=", "&", "!=", "s>", "s>=", null, null, "<", "<=", "s<", "s<=", null, null];

    /// <summary>The text; null for what is no instruction.</summary>
    public static string? Of(BpfInstruction instruction, BpfInstructionNames names, int index) => instruction.OpCode switch
    {
        BpfOpCode.Call => $"call {names.Call(instruction, index)}",
        BpfOpCode.Exit => "exit",
        Always => $"goto pc{BpfDisassembler.Signed(instruction.Offset)}",
        AlwaysFar => $"gotol pc{BpfDisassembler.Signed(instruction.Immediate)}",
        AlwaysByRegister => $"gotox r{instruction.Destination}",
        MayGoto when instruction.Source == 0 => $"may_goto pc{BpfDisassembler.Signed(instruction.Offset)}",
        _ => Conditional(instruction),
    };

    private static string? Conditional(BpfInstruction instruction)
    {
        char register = instruction.Class == BpfOpCode.ClassJump32 ? 'w' : 'r';
        string operand = (instruction.OpCode & BpfOpCode.SourceRegister) != 0 ? $"{register}{instruction.Source}" : $"0x{instruction.Immediate:x}";
        return s_comparisons[instruction.OpCode >> 4] is { } comparison
            ? $"if {register}{instruction.Destination} {comparison} {operand} goto pc{BpfDisassembler.Signed(instruction.Offset)}"
            : null;
    }
}
