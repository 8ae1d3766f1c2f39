using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Abi;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>The helpers of the kernel, in the order of their numbers (<c>enum bpf_func_id</c>). The list is closed: what came since are kernel functions.</summary>
public static class BpfHelpers
{
    /// <summary>One more than the highest number known.</summary>
    public static int Count => BpfHelperNames.All.Length;

    /// <summary>The name of a helper.</summary>
    /// <param name="number">What a call holds as its immediate.</param>
    /// <returns>Such as <c>bpf_map_lookup_elem</c>, null for a number no kernel known here has.</returns>
    public static string? NameOf(int number) => (uint)number < (uint)BpfHelperNames.All.Length ? BpfHelperNames.All[number] : null;

    /// <summary>The number of a helper.</summary>
    /// <param name="name">Such as <c>bpf_map_lookup_elem</c>.</param>
    /// <returns>The number, or -1.</returns>
    public static int NumberOf(string name) => Array.IndexOf(BpfHelperNames.All, name);
}

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
