namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>
/// What instructions refer to, in words. As it is, it says what the instructions themselves hold: helpers by name, maps and types by number.
/// Who knows more (a loaded program's maps, an object's symbols) derives and says more.
/// </summary>
public class BpfInstructionNames
{
    /// <summary>What a call calls.</summary>
    /// <param name="call">The instruction.</param>
    /// <param name="index">Its place in the program.</param>
    /// <returns>Such as <c>bpf_map_lookup_elem#1</c>, <c>pc+5</c> or <c>kernel-function#1234</c>.</returns>
    public virtual string Call(BpfInstruction call, int index) => call.Source switch
    {
        BpfOpCode.PseudoCall => $"pc{BpfDisassembler.Signed(call.Immediate)}",
        BpfOpCode.PseudoKernelFunction => $"kernel-function#{call.Immediate}",
        _ => $"{BpfHelpers.NameOf(call.Immediate) ?? "unknown"}#{call.Immediate}",
    };

    /// <summary>What a wide load loads.</summary>
    /// <param name="low">Its first half.</param>
    /// <param name="high">Its second half.</param>
    /// <param name="index">The place of the first half in the program.</param>
    /// <returns>Such as <c>0x1234</c>, <c>map[id:3]</c>, <c>map[id:3][0]+8</c> or <c>subprog[+7]</c>.</returns>
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
