namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>The arithmetic instructions in words.</summary>
internal static class ArithmeticText
{
    private const int Multiply = 0x2;
    private const int Divide = 0x3;
    private const int Negate = 0x8;
    private const int Remainder = 0x9;
    private const int Move = 0xb;
    private const int ByteOrder = 0xd;

    // What the kernel makes of a move: the address of this CPU's copy.
    private const int PerCpuAddress = -1;
    private const int AddressSpaceCast = 1;

    private static readonly string?[] s_operators = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", null, "%=", "^=", "=", "s>>=", null, null, null];

    // The offset tells variants of an operation apart: signed, and of multiplication the upper half.
    private static readonly Dictionary<(int Operation, int Offset), string> s_variants = new()
    {
        [(Divide, 1)] = "s/=",
        [(Remainder, 1)] = "s%=",
        [(Multiply, 1)] = "uh*=",
        [(Multiply, 2)] = "sh*=",
    };

    // A move that extends the sign of so many bits.
    private static readonly Dictionary<int, string> s_extensions = new() { [8] = "(s8)", [16] = "(s16)", [32] = "(s32)" };

    /// <summary>The text; null for what is no instruction.</summary>
    public static string? Of(BpfInstruction instruction)
    {
        int operation = instruction.OpCode >> 4;
        bool isWide = instruction.Class == BpfOpCode.ClassArithmetic64;
        bool fromRegister = (instruction.OpCode & BpfOpCode.SourceRegister) != 0;
        char register = isWide ? 'r' : 'w';
        string destination = $"{register}{instruction.Destination}";
        if (operation == ByteOrder)
        {
            string change = isWide ? "bswap" : fromRegister ? "be" : "le";
            return $"r{instruction.Destination} = {change}{instruction.Immediate} r{instruction.Destination}";
        }

        if (operation == Negate)
        {
            return $"{destination} = -{destination}";
        }

        if (operation == Move && isWide && fromRegister && instruction.Offset is AddressSpaceCast or PerCpuAddress)
        {
            return instruction.Offset == PerCpuAddress
                ? $"{destination} = &(void __percpu *)(r{instruction.Source})"
                : $"{destination} = addr_space_cast(r{instruction.Source}, {(uint)instruction.Immediate >> 16}, {(ushort)instruction.Immediate})";
        }

        string? sign = s_variants.TryGetValue((operation, instruction.Offset), out string? variant) && (operation != Multiply || isWide) ? variant : s_operators[operation];
        string extension = operation == Move && s_extensions.TryGetValue(instruction.Offset, out string? extends) ? extends : "";
        string operand = fromRegister ? $"{extension}{register}{instruction.Source}" : $"{instruction.Immediate}";
        return sign is null ? null : $"{destination} {sign} {operand}";
    }
}
