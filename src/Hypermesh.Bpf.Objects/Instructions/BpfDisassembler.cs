namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>Writes instructions in the notation of the kernel's verifier.</summary>
internal sealed class BpfDisassembler
{
    private const string Invalid = "invalid instruction";

    private readonly BpfInstructionNames _names;

    /// <summary>Creates a disassembler.</summary>
    /// <param name="names">The names of maps and functions; null to use only the contents of the instructions.</param>
    public BpfDisassembler(BpfInstructionNames? names = null) => _names = names ?? new BpfInstructionNames();

    /// <summary>Disassembles a program. An invalid instruction does not throw; its text is <c>invalid instruction</c>.</summary>
    /// <param name="code">The instructions.</param>
    /// <returns>The instructions as text; a wide load is one entry.</returns>
    public IReadOnlyList<BpfDisassembledInstruction> Disassemble(ReadOnlySpan<BpfInstruction> code)
    {
        var all = new List<BpfDisassembledInstruction>(code.Length);
        for (int i = 0; i < code.Length; i++)
        {
            BpfInstruction instruction = code[i];
            bool isWhole = !instruction.IsWideLoad || i + 1 < code.Length;
            BpfInstruction high = instruction.IsWideLoad && isWhole ? code[i + 1] : default;
            all.Add(new BpfDisassembledInstruction(i, instruction.OpCode, isWhole ? Text(instruction, high, i) : Invalid));
            i += instruction.IsWideLoad ? 1 : 0;
        }

        return all;
    }

    internal static string Signed(int value) => value < 0 ? $"{value}" : $"+{value}";

    private string Text(BpfInstruction instruction, BpfInstruction high, int index) => instruction.Class switch
    {
        BpfOpCode.ClassLoad when instruction.IsWideLoad => $"r{instruction.Destination} = {_names.WideLoad(instruction, high, index)}",
        BpfOpCode.ClassLoad => MemoryText.PacketLoad(instruction),
        BpfOpCode.ClassLoadRegister => MemoryText.Load(instruction),
        BpfOpCode.ClassStore => MemoryText.StoreConstant(instruction),
        BpfOpCode.ClassStoreRegister => MemoryText.Store(instruction),
        BpfOpCode.ClassJump or BpfOpCode.ClassJump32 => JumpText.Of(instruction, _names, index),
        _ => ArithmeticText.Of(instruction),
    } ?? Invalid;
}

/// <summary>A disassembled instruction.</summary>
/// <param name="Index">Its index in the program, from which jumps are counted; a wide load occupies two.</param>
/// <param name="OpCode">Its opcode.</param>
/// <param name="Text">Its text in the notation of the kernel's verifier, such as <c>r1 = *(u64 *)(r10 -8)</c>.</param>
internal readonly record struct BpfDisassembledInstruction(int Index, byte OpCode, string Text)
{
    /// <summary>Returns the line as in the verifier's log and <c>bpftool prog dump xlated</c>: <c>   3: (79) r1 = *(u64 *)(r10 -8)</c>.</summary>
    /// <returns>The line, without a line break.</returns>
    public override string ToString() => $"{Index,4}: ({OpCode:x2}) {Text}";
}

/// <summary>
/// Names the operands of instructions. This class uses only the contents of the instructions: helpers by name, maps and types by ID.
/// A derived class can use more information, such as a loaded program's maps or an object's symbols.
/// </summary>
internal class BpfInstructionNames
{
    /// <summary>Returns the text for the target of a call.</summary>
    /// <param name="call">The instruction.</param>
    /// <param name="index">Its index in the program.</param>
    /// <returns>The text, such as <c>bpf_map_lookup_elem#1</c>, <c>pc+5</c> or <c>kernel-function#1234</c>.</returns>
    public virtual string Call(BpfInstruction call, int index) => call.Source switch
    {
        BpfOpCode.PseudoCall => $"pc{BpfDisassembler.Signed(call.Immediate)}",
        BpfOpCode.PseudoKernelFunction => $"kernel-function#{call.Immediate}",
        _ => $"{BpfHelpers.NameOf(call.Immediate) ?? "unknown"}#{call.Immediate}",
    };

    /// <summary>Returns the text for the operand of a wide load.</summary>
    /// <param name="low">Its first half.</param>
    /// <param name="high">Its second half.</param>
    /// <param name="index">The index of the first half in the program.</param>
    /// <returns>The text, such as <c>0x1234</c>, <c>map[id:3]</c>, <c>map[id:3][0]+8</c> or <c>subprog[+7]</c>.</returns>
    public virtual string WideLoad(BpfInstruction low, BpfInstruction high, int index) => low.Source switch
    {
        BpfOpCode.PseudoMap => $"map[id:{(uint)low.Immediate}]",
        BpfOpCode.PseudoMapValue => $"map[id:{(uint)low.Immediate}][0]+{(uint)high.Immediate}",
        BpfOpCode.PseudoFunction => $"subprog[{BpfDisassembler.Signed(low.Immediate)}]",
        BpfOpCode.PseudoMapIndex => $"map[idx:{(uint)low.Immediate}]",
        BpfOpCode.PseudoMapIndexValue => $"map[idx:{(uint)low.Immediate}]+{(uint)high.Immediate}",
        _ => $"0x{((ulong)(uint)high.Immediate << 32) | (uint)low.Immediate:x}",
    };
}

/// <summary>Writes arithmetic instructions as text.</summary>
internal static class ArithmeticText
{
    private const int Multiply = 0x2;
    private const int Divide = 0x3;
    private const int Negate = 0x8;
    private const int Remainder = 0x9;
    private const int Move = 0xb;
    private const int ByteOrder = 0xd;

    // The offset of a move that the kernel itself creates: it yields the address of this CPU's copy.
    private const int PerCpuAddress = -1;
    private const int AddressSpaceCast = 1;

    private static readonly string?[] s_operators = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", null, "%=", "^=", "=", "s>>=", null, null, null];

    // The offset selects a variant of an operation: signed, and for multiplication the upper half.
    private static readonly Dictionary<(int Operation, int Offset), string> s_variants = new()
    {
        [(Divide, 1)] = "s/=",
        [(Remainder, 1)] = "s%=",
        [(Multiply, 1)] = "uh*=",
        [(Multiply, 2)] = "sh*=",
    };

    // By offset: a move that sign-extends this number of bits.
    private static readonly Dictionary<int, string> s_extensions = new() { [8] = "(s8)", [16] = "(s16)", [32] = "(s32)" };

    /// <summary>Returns the text; null for an invalid instruction.</summary>
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

/// <summary>Writes jumps, calls and exits as text.</summary>
internal static class JumpText
{
    private const byte Always = 0x05;
    private const byte AlwaysFar = 0x06;
    private const byte AlwaysByRegister = 0x0d;
    private const byte MayGoto = 0xe5;

    private static readonly string?[] s_comparisons = [null, "==", ">", ">=", "&", "!=", "s>", "s>=", null, null, "<", "<=", "s<", "s<=", null, null];

    /// <summary>Returns the text; null for an invalid instruction.</summary>
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

/// <summary>Writes the instructions that read and write memory as text.</summary>
internal static class MemoryText
{
    private const int ModeAbsolute = 0x20;
    private const int ModeIndirect = 0x40;
    private const int ModeMemory = 0x60;
    private const int ModeSignExtended = 0x80;
    private const int ModeAtomic = 0xc0;
    private const int ModeMask = 0xe0;
    private const int Fetch = 0x01;

    // By the two bits of the width.
    private static readonly string[] s_types = ["u32", "u16", "u8", "u64"];
    private static readonly string[] s_signedTypes = ["s32", "s16", "s8", "s64"];

    // By the constant of an atomic instruction: the operator, and the name of the variant that returns the old value.
    private static readonly Dictionary<int, (string Operator, string Name)> s_atomic = new()
    {
        [0x00] = ("+=", "add"),
        [0x40] = ("|=", "or"),
        [0x50] = ("&=", "and"),
        [0xa0] = ("^=", "xor"),
    };

    private static readonly Dictionary<int, Func<BpfInstruction, string>> s_otherAtomics = new()
    {
        [0xe1] = static i => $"r{i.Source} = atomic{Width(i)}_xchg({Place(i, i.Destination)}, r{i.Source})",
        [0xf1] = static i => $"r0 = atomic{Width(i)}_cmpxchg({Place(i, i.Destination)}, r0, r{i.Source})",
        [0x100] = static i => $"r{i.Destination} = load_acquire({Place(i, i.Source)})",
        [0x110] = static i => $"store_release({Place(i, i.Destination)}, r{i.Source})",
    };

    public static string? Load(BpfInstruction instruction) => (instruction.OpCode & ModeMask) switch
    {
        ModeMemory => $"r{instruction.Destination} = *{Place(instruction, instruction.Source)}",
        ModeSignExtended => $"r{instruction.Destination} = *({s_signedTypes[Size(instruction)]} *)(r{instruction.Source} {BpfDisassembler.Signed(instruction.Offset)})",
        _ => null,
    };

    public static string? PacketLoad(BpfInstruction instruction) => (instruction.OpCode & ModeMask) switch
    {
        ModeAbsolute => $"r0 = *({Type(instruction)} *)skb[{instruction.Immediate}]",
        ModeIndirect => $"r0 = *({Type(instruction)} *)skb[r{instruction.Source} + {instruction.Immediate}]",
        _ => null,
    };

    // A store of a constant with the mode of atomics is the kernel's own barrier against speculation.
    public static string? StoreConstant(BpfInstruction instruction) => (instruction.OpCode & ModeMask) switch
    {
        ModeMemory => $"*{Place(instruction, instruction.Destination)} = {instruction.Immediate}",
        ModeAtomic => "nospec",
        _ => null,
    };

    public static string? Store(BpfInstruction instruction) => (instruction.OpCode & ModeMask) switch
    {
        ModeMemory => $"*{Place(instruction, instruction.Destination)} = r{instruction.Source}",
        ModeAtomic => Atomic(instruction),
        _ => null,
    };

    private static string? Atomic(BpfInstruction instruction)
    {
        if (s_otherAtomics.TryGetValue(instruction.Immediate, out Func<BpfInstruction, string>? text))
        {
            return text(instruction);
        }

        if (!s_atomic.TryGetValue(instruction.Immediate & ~Fetch, out (string Operator, string Name) operation))
        {
            return null;
        }

        return (instruction.Immediate & Fetch) == 0
            ? $"lock *{Place(instruction, instruction.Destination)} {operation.Operator} r{instruction.Source}"
            : $"r{instruction.Source} = atomic{Width(instruction)}_fetch_{operation.Name}({Place(instruction, instruction.Destination)}, r{instruction.Source})";
    }

    private static string Place(BpfInstruction instruction, byte register) => $"({Type(instruction)} *)(r{register} {BpfDisassembler.Signed(instruction.Offset)})";

    private static string Type(BpfInstruction instruction) => s_types[Size(instruction)];

    private static int Size(BpfInstruction instruction) => (instruction.OpCode & BpfOpCode.SizeMask) >> 3;

    private static string Width(BpfInstruction instruction) => (instruction.OpCode & BpfOpCode.SizeMask) == BpfOpCode.SizeDouble ? "64" : "";
}
