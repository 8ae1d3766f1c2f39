using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Spec;

/// <summary>Reads the struct_ops maps: each variable of the <c>.struct_ops</c> sections is a map, and each relocation in it is the program for a function member.</summary>
internal static class StructOpsReader
{
    private const string Section = ".struct_ops";
    private const string LinkSection = ".struct_ops.link";

    public static List<BpfStructOpsSpec> Read(ElfObject elf, BtfTypes? btf, IReadOnlyList<BpfProgramSpec> programs)
    {
        var maps = new List<BpfStructOpsSpec>();
        ILookup<(int Section, ulong Place), BpfProgramSpec> byPlace = programs.ToLookup(static program => (program.Code.Index, program.Symbol.Value));
        foreach (ElfSection section in elf.Sections.Where(static section => HasMaps(section)))
        {
            int id = btf?.Find(section.Name, BtfKind.DataSection) ?? 0;
            if (id == 0)
            {
                throw new BpfObjectFormatException(elf.FileName, section.Name, null, "struct_ops maps need BTF: compile with -g");
            }

            BtfType types = btf![id];
            Dictionary<string, ElfSymbol> symbols = DataSectionReader.SymbolsOf(elf, section);
            for (int i = 0; i < types.Length; i++)
            {
                BtfType variable = btf[types.SectionVariable(i).TypeId];
                if (variable.Kind != BtfKind.Variable || !symbols.TryGetValue(variable.Name, out ElfSymbol symbol))
                {
                    throw new BpfObjectFormatException(elf.FileName, section.Name, null, $"{variable.Kind} '{variable.Name}' is in BTF but is not a variable in the symbol table");
                }

                BpfStructOpsSpec map = Map(elf, btf, section, variable, symbol.Value);
                PutPrograms(elf, section, symbol.Value, map, byPlace);
                maps.Add(map);
            }
        }

        return maps;
    }

    internal static bool HasMaps(ElfSection section)
        => section.Type == ElfSectionType.Contents && section.Size > 0 && section.Name.TrimStart('?') is Section or LinkSection;

    private static BpfStructOpsSpec Map(ElfObject elf, BtfTypes btf, ElfSection section, BtfType variable, ulong start)
    {
        int typeId = btf.SkipModifiers(variable.TypeId);
        BtfType type = btf[typeId];
        if (type.Kind != BtfKind.Struct || type.NameBytes.IsEmpty)
        {
            throw new BpfObjectFormatException(elf.FileName, section.Name, null, $"'{variable.Name}' must have a named struct as its type");
        }

        if (start > (ulong)section.Data.Length || type.Size > (ulong)section.Data.Length - start)
        {
            throw new BpfObjectFormatException(elf.FileName, section.Name, (long)Math.Min(start, long.MaxValue), $"struct_ops map '{variable.Name}' of {type.Size} bytes extends past the end of the section");
        }

        bool isLeftOut = section.Name[0] == '?';
        byte[] image = section.Data.Slice((int)start, (int)type.Size).ToArray();
        var map = new BpfStructOpsSpec(elf.FileName, variable.Name, type.Name, typeId, section.Name.TrimStart('?') == LinkSection, image) { Enabled = !isLeftOut };
        map.Members = Members(elf, btf, type, map);
        return map;
    }

    private static List<BpfStructOpsMember> Members(ElfObject elf, BtfTypes btf, BtfType type, BpfStructOpsSpec map)
    {
        var members = new List<BpfStructOpsMember>(type.Length);
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember field = type.Member(i);
            string name = btf.GetString(field.NameOffset);
            if (name.Length == 0)
            {
                continue;
            }

            long size = btf.SizeOf(field.TypeId);
            if (field.BitOffset / 8 + size > type.Size)
            {
                throw new BpfObjectFormatException(elf.FileName, ".BTF", null, $"field '{name}' of {map.TypeName} extends past the end of the struct");
            }

            members.Add(new BpfStructOpsMember(map, name, field, (int)(field.BitOffset / 8), (int)size, IsFunction(btf, field.TypeId)));
        }

        return members;
    }

    private static bool IsFunction(BtfTypes btf, int typeId)
    {
        BtfType type = btf[btf.SkipModifiers(typeId)];
        return type.Kind == BtfKind.Pointer && btf[btf.SkipModifiers(type.TypeId)].Kind == BtfKind.FunctionPrototype;
    }

    private static void PutPrograms(ElfObject elf, ElfSection section, ulong start, BpfStructOpsSpec map, ILookup<(int Section, ulong Place), BpfProgramSpec> programs)
    {
        ILookup<int, BpfStructOpsMember> functions = map.Members.Where(static member => member.IsFunction).ToLookup(static member => member.Offset);
        foreach (ElfRelocation relocation in elf.RelocationsWithin(section, start, (ulong)map.Image.Length))
        {
            int offset = (int)(relocation.Offset - start);
            BpfStructOpsMember member = functions[offset].FirstOrDefault()
                ?? throw new BpfObjectFormatException(elf.FileName, section.Name, (long)relocation.Offset, $"a program is assigned to {map.TypeName} {map.Name} at an offset that is not a function member");
            ElfSymbol symbol = elf.Symbols[relocation.SymbolIndex];
            member.Declare(programs[(symbol.SectionIndex, symbol.Value)].FirstOrDefault()
                ?? throw new BpfObjectFormatException(
                    elf.FileName, section.Name, (long)relocation.Offset, $"field {member.Name} of {map.TypeName} {map.Name} is '{symbol.Name}', which is not a program: write SEC(\"struct_ops\") above it"));
        }
    }
}
