using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Abi;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>The helpers of the kernel, in the order of their numbers (<c>enum bpf_func_id</c>). The kernel adds no further helpers; new functions are kernel functions (kfuncs).</summary>
internal static class BpfHelpers
{
    /// <summary>One more than the highest known number.</summary>
    public static int Count => BpfHelperNames.All.Length;

    /// <summary>Returns the name of a helper.</summary>
    /// <param name="number">The number, which is the immediate of a call.</param>
    /// <returns>The name, such as <c>bpf_map_lookup_elem</c>; null for an unknown number.</returns>
    public static string? NameOf(int number) => (uint)number < (uint)BpfHelperNames.All.Length ? BpfHelperNames.All[number] : null;

    /// <summary>Returns the number of a helper.</summary>
    /// <param name="name">The name, such as <c>bpf_map_lookup_elem</c>.</param>
    /// <returns>The number, or -1 for an unknown name.</returns>
    public static int NumberOf(string name) => Array.IndexOf(BpfHelperNames.All, name);
}

/// <summary>Finds the calls of helpers in code before linking.</summary>
internal static class HelperCalls
{
    /// <summary>Returns the offset of each call, in bytes, and the number of the helper.</summary>
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
                // Calls of the object's functions and of kernel functions have a pseudo source. A call that has a relocation has no helper number.
                yield return ((uint)(i * BpfInstruction.Size), code[i].Immediate);
            }
        }
    }
}
