using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Spec;

/// <summary>Reads the data sections. The names of variables come from BTF, their offsets from the symbol table.</summary>
internal static class DataSectionReader
{
    // A .bss can have any size in a small file. No kernel accepts more than this.
    private const ulong LargestSection = 1UL << 30;

    // As in libbpf, the name decides whether a section is constant, and the section's flags are ignored.
    private const string ConstantsSection = ".rodata";

    public static List<BpfDataSectionSpec> Read(ElfObject elf, BtfTypes? btf, IReadOnlyList<BpfMapSpec> maps)
    {
        BpfMapSpec? arena = maps.FirstOrDefault(static map => map.Type == BpfMapType.Arena);
        var sections = new List<BpfDataSectionSpec>();
        foreach (ElfSection section in elf.Sections)
        {
            if (!IsGlobals(section))
            {
                continue;
            }

            if (section.Size > LargestSection)
            {
                throw new BpfObjectFormatException(elf.FileName, section.Name, null, $"the section has {section.Size} bytes; the kernel allows less than 1 GiB of global variables");
            }

            if (section.Name == BpfDataSectionSpec.ArenaSection && arena is null)
            {
                throw new BpfObjectFormatException(elf.FileName, section.Name, null, "the section has variables of an arena, but the object has no map of type BPF_MAP_TYPE_ARENA");
            }

            int typeId = btf?.Find(section.Name, BtfKind.DataSection) ?? 0;
            IReadOnlyList<BpfGlobalVariable> variables = typeId == 0 ? [] : Variables(elf, btf!, section, btf![typeId]);
            sections.Add(new BpfDataSectionSpec(elf.FileName, section.Name, section.Index, IsOrBeginsWith(section.Name, ConstantsSection), (int)section.Size, section.Data, variables, typeId)
            {
                Types = btf,
                Arena = section.Name == BpfDataSectionSpec.ArenaSection ? arena : null,
            });
        }

        return sections;
    }

    internal static bool IsGlobals(ElfSection section)
        => section.IsAllocated
            && section.Size > 0
            && section.Type is ElfSectionType.Contents or ElfSectionType.NoBits
            && (IsOrBeginsWith(section.Name, ConstantsSection) || IsOrBeginsWith(section.Name, ".data") || IsOrBeginsWith(section.Name, ".bss")
                || section.Name == BpfDataSectionSpec.ArenaSection);

    private static bool IsOrBeginsWith(string name, string stem)
        => name.StartsWith(stem, StringComparison.Ordinal) && (name.Length == stem.Length || name[stem.Length] == '.');

    private static List<BpfGlobalVariable> Variables(ElfObject elf, BtfTypes btf, ElfSection section, BtfType dataSection)
    {
        Dictionary<string, ElfSymbol> symbols = SymbolsOf(elf, section);
        var variables = new List<BpfGlobalVariable>(dataSection.Length);
        for (int i = 0; i < dataSection.Length; i++)
        {
            BtfSectionVariable entry = dataSection.SectionVariable(i);
            BtfType variable = btf[entry.TypeId];
            if (variable.Kind != BtfKind.Variable)
            {
                throw new BpfObjectFormatException(elf.FileName, ".BTF", null, $"entry {i} of {section.Name} is a {variable.Kind}, not a variable");
            }

            string name = variable.Name;
            bool isStatic = variable.Linkage == 0;
            if (!symbols.TryGetValue(name, out ElfSymbol symbol))
            {
                if (isStatic)
                {
                    continue;
                }

                throw new BpfObjectFormatException(elf.FileName, section.Name, null, $"variable '{name}' is in BTF but not in the symbol table");
            }

            // A linked object may have several statics of one name from different files, which only BTF distinguishes. For other variables, compilers leave the
            // offset out of BTF.
            ulong place = isStatic ? entry.Offset : symbol.Value;
            if (place > section.Size || entry.Size > section.Size - place)
            {
                throw new BpfObjectFormatException(elf.FileName, section.Name, (long)Math.Min(place, long.MaxValue), $"variable '{name}' of {entry.Size} bytes is outside the section of {section.Size} bytes");
            }

            // Hidden variables are private to the object, like statics.
            variables.Add(new BpfGlobalVariable(name, (int)place, (int)entry.Size, variable.TypeId, isStatic || symbol.IsHidden, variable.Id));
        }

        variables.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
        return variables;
    }

    internal static Dictionary<string, ElfSymbol> SymbolsOf(ElfObject elf, ElfSection section)
    {
        var symbols = new Dictionary<string, ElfSymbol>(StringComparer.Ordinal);
        foreach (ElfSymbol symbol in elf.SymbolsOf(section))
        {
            if (symbol.Type == ElfSymbolType.Object)
            {
                symbols[symbol.Name] = symbol;
            }
        }

        return symbols;
    }
}
