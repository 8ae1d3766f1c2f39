namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>The instructions that read and write memory in words.</summary>
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

    // What an atomic instruction's constant says, in two forms: the operator, and the name of the one that answers the old value.
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

    // The mode of atomics, at stores of constants, is the kernel's own barrier against speculation.
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
