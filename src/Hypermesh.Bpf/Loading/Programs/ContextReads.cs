using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>Determines from a program's instructions how far it reads into its context.</summary>
internal static class ContextReads
{
    private const byte FirstArgument = 1;
    private const byte LastArgument = 5;

    /// <summary>
    /// Returns the end of the farthest read, in bytes. It follows only the program itself, from its first instruction to its last, and only copies of the context's address in registers.
    /// </summary>
    internal static int End(ReadOnlySpan<BpfInstruction> code)
    {
        int end = 0;
        int context = 1 << FirstArgument;
        for (int i = 0; i < code.Length; i++)
        {
            BpfInstruction instruction = code[i];
            bool isRead = instruction.Class == BpfOpCode.ClassLoadRegister && (instruction.OpCode & BpfOpCode.ModeMask) is BpfOpCode.ModeMemory or BpfOpCode.ModeMemorySigned;
            if (isRead && Holds(context, instruction.Source))
            {
                end = Math.Max(end, instruction.Offset + Width(instruction.OpCode));
            }

            if (instruction.OpCode == BpfOpCode.Exit && i + 1 < code.Length && !IsJumpedTo(code, i + 1))
            {
                // What follows is another function.
                break;
            }

            context = instruction switch
            {
                { IsCall: true } => context & ~Registers(0, LastArgument),
                { OpCode: BpfOpCode.MoveRegister, Offset: 0 } when Holds(context, instruction.Source) => context | (1 << instruction.Destination),
                { Class: BpfOpCode.ClassLoad or BpfOpCode.ClassLoadRegister or BpfOpCode.ClassArithmetic32 or BpfOpCode.ClassArithmetic64 } => context & ~(1 << instruction.Destination),
                _ => context,
            };
            i += instruction.IsWideLoad ? 1 : 0;
        }

        return end;
    }

    private static bool Holds(int registers, int register) => (registers & (1 << register)) != 0;

    private static int Registers(int first, int last) => ((1 << (last + 1)) - 1) & ~((1 << first) - 1);

    private static int Width(byte opCode) => (opCode & BpfOpCode.SizeMask) switch
    {
        BpfOpCode.SizeByte => 1,
        BpfOpCode.SizeHalf => 2,
        BpfOpCode.SizeWord => 4,
        _ => 8,
    };

    private static bool IsJumpedTo(ReadOnlySpan<BpfInstruction> code, int place)
    {
        for (int i = 0; i < code.Length; i++)
        {
            if (code[i].Class is BpfOpCode.ClassJump or BpfOpCode.ClassJump32 && code[i].OpCode is not (BpfOpCode.Call or BpfOpCode.Exit) && i + 1 + code[i].Offset == place)
            {
                return true;
            }
        }

        return false;
    }
}
