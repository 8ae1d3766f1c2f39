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
        var tables = new List<BpfStructOpsSpec>();
        ILookup<(int Section, ulong Place), BpfProgramSpec> byPlace = programs.ToLookup(static program => (program.Code.Index, program.Symbol.Value));
        foreach (ElfSection section in elf.Sections.Where(static section => IsTables(section)))
        {
            int id = btf?.Find(section.Name, BtfKind.DataSection) ?? 0;
            if (id == 0)
            {
                throw new BpfObjectFormatException(elf.FileName, section.Name, null, "struct_ops maps need types: compile with -g");
            }

            BtfType types = btf![id];
            Dictionary<string, ElfSymbol> symbols = DataSectionReader.SymbolsOf(elf, section);
            for (int i = 0; i < types.Length; i++)
            {
                BtfType variable = btf[types.SectionVariable(i).TypeId];
                if (variable.Kind != BtfKind.Variable || !symbols.TryGetValue(variable.Name, out ElfSymbol symbol))
                {
                    throw new BpfObjectFormatException(elf.FileName, section.Name, null, $"BTF has a {variable.Kind} '{variable.Name}' here, the symbol table has none");
                }

                BpfStructOpsSpec table = Table(elf, btf, section, variable, symbol.Value);
                PutPrograms(elf, section, symbol.Value, table, byPlace);
                tables.Add(table);
            }
        }

        return tables;
    }

    internal static bool IsTables(ElfSection section)
        => section.Type == ElfSectionType.Contents && section.Size > 0 && section.Name.TrimStart('?') is Section or LinkSection;

    private static BpfStructOpsSpec Table(ElfObject elf, BtfTypes btf, ElfSection section, BtfType variable, ulong start)
    {
        int typeId = btf.SkipModifiers(variable.TypeId);
        BtfType type = btf[typeId];
        if (type.Kind != BtfKind.Struct || type.NameBytes.IsEmpty)
        {
            throw new BpfObjectFormatException(elf.FileName, section.Name, null, $"'{variable.Name}' is not of a struct with a name, which a struct_ops map must be");
        }

        if (start > (ulong)section.Data.Length || type.Size > (ulong)section.Data.Length - start)
        {
            throw new BpfObjectFormatException(elf.FileName, section.Name, (long)Math.Min(start, long.MaxValue), $"table '{variable.Name}' of {type.Size} bytes runs over the end of the section");
        }

        bool isLeftOut = section.Name[0] == '?';
        byte[] image = section.Data.Slice((int)start, (int)type.Size).ToArray();
        var table = new BpfStructOpsSpec(elf.FileName, variable.Name, type.Name, typeId, section.Name.TrimStart('?') == LinkSection, image) { Enabled = !isLeftOut };
        table.Members = Members(elf, btf, type, table);
        return table;
    }

    private static List<BpfStructOpsMember> Members(ElfObject elf, BtfTypes btf, BtfType type, BpfStructOpsSpec table)
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
                throw new BpfObjectFormatException(elf.FileName, ".BTF", null, $"field '{name}' of {table.TypeName} runs over the end of the struct");
            }

            members.Add(new BpfStructOpsMember(table, name, field, (int)(field.BitOffset / 8), (int)size, IsFunction(btf, field.TypeId)));
        }

        return members;
    }

    private static bool IsFunction(BtfTypes btf, int typeId)
    {
        BtfType type = btf[btf.SkipModifiers(typeId)];
        return type.Kind == BtfKind.Pointer && btf[btf.SkipModifiers(type.TypeId)].Kind == BtfKind.FunctionPrototype;
    }

    private static void PutPrograms(ElfObject elf, ElfSection section, ulong start, BpfStructOpsSpec table, ILookup<(int Section, ulong Place), BpfProgramSpec> programs)
    {
        ILookup<int, BpfStructOpsMember> functions = table.Members.Where(static member => member.IsFunction).ToLookup(static member => member.Offset);
        foreach (ElfRelocation relocation in elf.RelocationsWithin(section, start, (ulong)table.Image.Length))
        {
            int offset = (int)(relocation.Offset - start);
            BpfStructOpsMember member = functions[offset].FirstOrDefault()
                ?? throw new BpfObjectFormatException(elf.FileName, section.Name, (long)relocation.Offset, $"something is put into {table.TypeName} {table.Name} where it has no function");
            ElfSymbol symbol = elf.Symbols[relocation.SymbolIndex];
            member.Declare(programs[(symbol.SectionIndex, symbol.Value)].FirstOrDefault()
                ?? throw new BpfObjectFormatException(
                    elf.FileName, section.Name, (long)relocation.Offset, $"field {member.Name} of {table.TypeName} {table.Name} is '{symbol.Name}', which is not a program: put it into SEC(\"struct_ops\")"));
        }
    }
}
