namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>An instruction in words.</summary>
/// <param name="Index">Its place in the program, where jumps count from; a wide load takes two.</param>
/// <param name="OpCode">Its code.</param>
/// <param name="Text">What it does, as the kernel's verifier writes it: <c>r1 = *(u64 *)(r10 -8)</c>.</param>
public readonly record struct BpfDisassembledInstruction(int Index, byte OpCode, string Text)
{
    /// <summary>The line as the verifier's log and <c>bpftool prog dump xlated</c> have it: <c>   3: (79) r1 = *(u64 *)(r10 -8)</c>.</summary>
    /// <returns>The line, without its end.</returns>
    public override string ToString() => $"{Index,4}: ({OpCode:x2}) {Text}";
}
