using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Writes relocated instructions in a form in which two loaders can be compared: values that only a kernel or a load decides are zero.</summary>
internal static class RelocatedText
{
    internal static string Of(ReadOnlySpan<BpfInstruction> instructions)
    {
        BpfInstruction[] shown = instructions.ToArray();
        for (int i = 0; i < shown.Length; i++)
        {
            if (shown[i].IsWideLoad)
            {
                // Descriptors, IDs and distances are in the first half; an offset into a data section is in the second, and is kept.
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
