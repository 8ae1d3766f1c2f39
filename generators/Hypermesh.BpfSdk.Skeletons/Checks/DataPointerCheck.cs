using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports variables whose initial value holds the address of other data. Loaders do not write addresses into data, so those pointers are NULL.</summary>
internal static class DataPointerCheck
{
    public static void Run(BpfObjectSpec spec, Findings findings)
    {
        foreach (BpfDataSectionSpec section in spec.DataSections.Where(static section => section.Arena is null))
        {
            var reported = new HashSet<string>(StringComparer.Ordinal);
            foreach (ElfRelocation one in spec.Elf.RelocationsOf(spec.Elf.Sections[section.SectionIndex]))
            {
                if (IsOfData(spec.Elf, one)
                    && section.Variables.FirstOrDefault(variable => one.Offset >= (ulong)variable.Offset && one.Offset < (ulong)(variable.Offset + variable.Size)) is { } holder
                    && reported.Add(holder.Name))
                {
                    findings.Add(SourceIds.PointerInData, holder.Name, 0, holder.Name, section.Name);
                }
            }
        }
    }

    // Tables of labels and functions are not reported: newer kernels jump through them.
    private static bool IsOfData(ElfObject elf, ElfRelocation one)
        => elf.Symbols[one.SymbolIndex].SectionIndex is > 0 and var index && index < elf.Sections.Count && elf.Sections[index] is { IsAllocated: true, IsExecutable: false };
}
