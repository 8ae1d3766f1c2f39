namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>Says instructions in the words of the kernel's verifier.</summary>
public sealed class BpfDisassembler
{
    private const string Invalid = "invalid instruction";

    private readonly BpfInstructionNames _names;

    /// <summary>Prepares to disassemble.</summary>
    /// <param name="names">What is known of maps and functions; null for what the instructions hold.</param>
    public BpfDisassembler(BpfInstructionNames? names = null) => _names = names ?? new BpfInstructionNames();

    /// <summary>Disassembles a program. No instruction is refused: what is none says so.</summary>
    /// <param name="code">The instructions.</param>
    /// <returns>The instructions in words; a wide load is one.</returns>
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
