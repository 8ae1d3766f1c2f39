using System.Text;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Writes the linked object: contents, their relocations, BTF, symbols, names.</summary>
internal sealed class LinkedElf(ElfObject first, IReadOnlyList<LinkedSection> sections, IReadOnlyList<LinkedSymbol> symbols)
{
    private const int IdentificationSize = 16;
    private const int FirstReservedSection = 0xff00;
    private const ulong RefersToSection = 0x40;
    private const ulong HoldsStrings = 0x20;

    private readonly ElfWriter _file = new(first.IsLittleEndian);
    private readonly ElfWriter _table = new(first.IsLittleEndian);
    private readonly ElfWriter _names = new(first.IsLittleEndian);
    private readonly Dictionary<string, uint> _nameOffsets = new(StringComparer.Ordinal);

    public byte[] Write(byte[]? types, byte[]? extension)
    {
        // Contents, relocations, .BTF, .BTF.ext, and after them the symbols and names that the others refer to.
        List<LinkedSection> relocated = [.. sections.Where(static section => section.Relocations.Count > 0)];
        int symbolTable = 1 + sections.Count + relocated.Count + (types is null ? 0 : 1) + (extension is null ? 0 : 1);
        if (symbolTable + 1 >= FirstReservedSection)
        {
            throw new BpfException($"the linked object would have {symbolTable + 2} sections; the limit of ELF is {FirstReservedSection - 1}");
        }

        WriteHeader();
        _names.Append([0]);
        _table.Append(new byte[ElfSectionTable.EntrySize]);
        for (int i = 0; i < sections.Count; i++)
        {
            LinkedSection section = sections[i];
            section.Index = i + 1;
            Add(section.Name, section.Type, section.Flags, section.Contents, section.Alignment, section.EntrySize, size: (ulong)section.Size);
        }

        foreach (LinkedSection section in relocated)
        {
            Add(".rel" + section.Name, ElfSectionType.Relocations, RefersToSection, Relocations(section), 8, ElfReader.RelocationSize, symbolTable, section.Index);
        }

        AddWhereThere(".BTF", types);
        AddWhereThere(".BTF.ext", extension);
        int locals = 1 + symbols.Count(static symbol => symbol.Binding == ElfSymbolBinding.Local);
        Add(".symtab", ElfSectionType.SymbolTable, 0, Symbols(), 8, ElfReader.SymbolSize, symbolTable + 1, locals);
        _ = Name(".strtab");
        Add(".strtab", ElfSectionType.StringTable, HoldsStrings, _names.ToArray(), 1, 0);
        _file.Align(8);
        return _file.Finish(_table.ToArray(), symbolTable + 1);
    }

    private void WriteHeader()
    {
        byte[] header = new byte[ElfImage.HeaderSize];
        first.Image.Span.Slice(0, IdentificationSize).CopyTo(header);
        const int Relocatable = 1;
        const int Version = 1;
        _file.PutU16(header.AsSpan(16), Relocatable);
        _file.PutU16(header.AsSpan(18), ElfObject.BpfMachine);
        _file.PutU32(header.AsSpan(20), Version);
        _file.PutU16(header.AsSpan(52), ElfImage.HeaderSize);
        _file.PutU16(header.AsSpan(58), ElfSectionTable.EntrySize);
        _file.Append(header);
    }

    private void AddWhereThere(string name, byte[]? contents)
    {
        if (contents is not null)
        {
            Add(name, ElfSectionType.Contents, 0, contents, 8, 0);
        }
    }

    private void Add(string name, ElfSectionType type, ulong flags, byte[] contents, int alignment, ulong entrySize, int link = 0, int info = 0, ulong? size = null)
    {
        _file.Align(Math.Min(alignment, 8));
        _table.AppendU32(Name(name));
        _table.AppendU32((uint)type);
        _table.AppendU64(flags);
        _table.AppendU64(0);
        _table.AppendU64((ulong)_file.Length);
        _table.AppendU64(size ?? (ulong)contents.Length);
        _table.AppendU32((uint)link);
        _table.AppendU32((uint)info);
        _table.AppendU64((ulong)alignment);
        _table.AppendU64(entrySize);
        _file.Append(contents);
    }

    private byte[] Relocations(LinkedSection section)
    {
        var entries = new ElfWriter(first.IsLittleEndian);
        foreach (LinkedRelocation relocation in section.Relocations)
        {
            entries.AppendU64(relocation.Offset);
            entries.AppendU64(((ulong)relocation.Symbol.Index << 32) | relocation.Type);
        }

        return entries.ToArray();
    }

    private byte[] Symbols()
    {
        var entries = new ElfWriter(first.IsLittleEndian);
        entries.Append(new byte[ElfReader.SymbolSize]);
        foreach (LinkedSymbol symbol in symbols)
        {
            byte[] section = new byte[2];
            entries.PutU16(section, (ushort)(symbol.Place?.Section.Index ?? symbol.Symbol.SectionIndex));
            entries.AppendU32(Name(symbol.Name));
            entries.Append([(byte)(((int)symbol.Binding << 4) | (int)symbol.Symbol.Type), symbol.Visibility]);
            entries.Append(section);
            entries.AppendU64(symbol.Value);
            entries.AppendU64(symbol.Symbol.Size);
        }

        return entries.ToArray();
    }

    private uint Name(string name)
    {
        if (name.Length == 0)
        {
            return 0;
        }

        if (!_nameOffsets.TryGetValue(name, out uint offset))
        {
            offset = (uint)_names.Length;
            _names.Append(Encoding.UTF8.GetBytes(name));
            _names.Append([0]);
            _nameOffsets.Add(name, offset);
        }

        return offset;
    }
}
