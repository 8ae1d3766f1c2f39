using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>The calls of helpers in code as it is before linking.</summary>
internal static class HelperCalls
{
    /// <summary>Where each is, in bytes, and which helper it calls.</summary>
    internal static IEnumerable<(uint Offset, int Helper)> In(ElfSection section)
    {
        BpfInstruction[] code = MemoryMarshal.Cast<byte, BpfInstruction>(section.Data.Span).ToArray();
        for (int i = 0; i < code.Length; i++)
        {
            if (code[i].IsWideLoad)
            {
                i++;
            }
            else if (code[i].IsCall && code[i].Source == 0 && code[i].Immediate > 0)
            {
                // Calls of one's own functions and of the kernel's have a pseudo source; one that waits for a relocation has no helper's number.
                yield return ((uint)(i * BpfInstruction.Size), code[i].Immediate);
            }
        }
    }
}
