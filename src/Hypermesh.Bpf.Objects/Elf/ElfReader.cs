namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>Reads a relocatable ELF64 file: sections, symbols, relocations (System V ABI, chapter 4).</summary>
internal static class ElfReader
{
    internal const int SymbolSize = 24;
    internal const int RelocationSize = 16;

    private const int RelocatableFile = 1;

    public static ElfObject Read(ReadOnlyMemory<byte> image, string fileName)
    {
        var elf = new ElfImage(image, fileName);
        if (elf.Type != RelocatableFile)
        {
            elf.Header.Fail(16, $"ELF type {elf.Type} is not a relocatable file (1): was it made by clang -c?");
        }

        ElfSectionTable table = ElfSectionTable.Read(elf);
        ElfSection[] sections = ReadSections(elf, table);
        ElfSymbol[] symbols = ReadSymbols(elf, table, sections);
        return new ElfObject(image, fileName, elf.IsLittleEndian, elf.Header.U16(18), sections, symbols, FindRelocations(elf, sections));
    }

    /// <summary>Reads the entries of a relocation section, ordered by offset.</summary>
    /// <exception cref="BpfObjectFormatException">An entry refers to a symbol that does not exist.</exception>
    public static ElfRelocation[] ReadRelocations(ElfObject elf, ElfSection section)
    {
        FormatReader entries = new(section.Data, elf.IsLittleEndian, elf.FileName, section.Name);
        var list = new ElfRelocation[entries.Length / RelocationSize];
        for (int i = 0; i < list.Length; i++)
        {
            long at = (long)i * RelocationSize;
            ulong info = entries.U64(at + 8);
            ulong symbol = info >> 32;
            if (symbol >= (ulong)elf.Symbols.Count)
            {
                entries.Fail(at + 8, $"the relocation refers to symbol {symbol}, but the file has only {elf.Symbols.Count}");
            }

            list[i] = new ElfRelocation(entries.U64(at), (uint)info, (int)symbol);
        }

        Array.Sort(list, static (a, b) => a.Offset.CompareTo(b.Offset));
        return list;
    }

    private static ElfSection[] ReadSections(ElfImage image, ElfSectionTable table)
    {
        var sections = new ElfSection[table.Headers.Count];
        long together = 0;
        foreach (ElfSectionHeader header in table.Headers)
        {
            ReadOnlyMemory<byte> contents = table.Contents(header).Data;
            together += contents.Length;
            if (together > image.Length)
            {
                // Otherwise each byte would be read, copied and linked once for every section that claims it.
                image.Header.Fail(null, $"sections 0 to {header.Index} overlap: together they have {together} bytes, but the file has only {image.Length}");
            }

            sections[header.Index] = new ElfSection(header.Index, header.Name)
            {
                Type = header.Type,
                Flags = header.Flags,
                Offset = header.Offset,
                Size = header.Size,
                Link = checked((int)Math.Min(header.Link, int.MaxValue)),
                Info = checked((int)Math.Min(header.Info, int.MaxValue)),
                Alignment = header.Alignment,
                EntrySize = header.EntrySize,
                Data = contents,
            };
        }

        return sections;
    }

    private static ElfSymbol[] ReadSymbols(ElfImage elf, ElfSectionTable headers, ElfSection[] sections)
    {
        ElfSection? table = Array.Find(sections, s => s.Type == ElfSectionType.SymbolTable);
        if (table is null)
        {
            return [];
        }

        FormatReader entries = ReaderOf(elf, table);
        if (table.Link >= sections.Length || sections[table.Link].Type != ElfSectionType.StringTable)
        {
            entries.Fail(null, $"it names section {table.Link} as its string table, which is not a string table");
        }

        var names = new ElfNames(new ElfWindow(elf, headers.Headers[table.Link]), elf.Length);
        var symbols = new ElfSymbol[entries.Length / SymbolSize];
        for (int i = 0; i < symbols.Length; i++)
        {
            long at = (long)i * SymbolSize;
            uint nameOffset = entries.U32(at);
            byte info = entries.U8(at + 4);
            symbols[i] = new ElfSymbol(
                i,
                nameOffset == 0 ? "" : names.At(nameOffset),
                (ElfSymbolType)(info & 0xf),
                (ElfSymbolBinding)(info >> 4),
                (byte)(entries.U8(at + 5) & 3),
                entries.U16(at + 6),
                entries.U64(at + 8),
                entries.U64(at + 16));
        }

        return symbols;
    }

    // The relocation sections, by the section they apply to.
    private static Dictionary<int, ElfSection> FindRelocations(ElfImage elf, ElfSection[] sections)
    {
        var all = new Dictionary<int, ElfSection>();
        foreach (ElfSection section in sections)
        {
            if (section.Type != ElfSectionType.Relocations)
            {
                continue;
            }

            if (section.Info >= sections.Length)
            {
                ReaderOf(elf, section).Fail(null, $"it applies to section {section.Info}, which does not exist");
            }

            if (all.TryGetValue(section.Info, out ElfSection? other))
            {
                ReaderOf(elf, section).Fail(null, $"it applies to section {section.Info} ({sections[section.Info].Name}), to which section {other.Name} already applies");
            }

            all.Add(section.Info, section);
        }

        return all;
    }

    private static FormatReader ReaderOf(ElfImage elf, ElfSection section)
        => new(section.Data, elf.IsLittleEndian, elf.FileName, section.Name);
}
