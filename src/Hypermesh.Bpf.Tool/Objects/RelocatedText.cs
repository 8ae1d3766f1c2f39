using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Relocated instructions in a form two loaders can be compared by: what only a kernel or a load decides is zero.</summary>
internal static class RelocatedText
{
    internal static string Of(ReadOnlySpan<BpfInstruction> instructions)
    {
        BpfInstruction[] shown = instructions.ToArray();
        for (int i = 0; i < shown.Length; i++)
        {
            if (shown[i].IsWideLoad)
            {
                // Descriptors, ids and distances stand in the first half; an offset into a section of globals in the second, and stays.
                shown[i].Immediate = shown[i].Source == 0 ? shown[i].Immediate : 0;
                i++;
            }
            else if (shown[i].IsCall)
            {
                shown[i].Immediate = 0;
            }
        }

        return Convert.ToHexStringLower(MemoryMarshal.AsBytes<BpfInstruction>(shown));
    }
}
