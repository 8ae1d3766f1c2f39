using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>Reads the ELF64 layout: header, section table, symbols, relocations (System V ABI, chapter 4).</summary>
internal static class ElfReader
{
    internal const int HeaderSize = 64;
    internal const int SectionHeaderSize = 64;
    internal const int SymbolSize = 24;
    internal const int RelocationSize = 16;

    private const int RelocatableFile = 1;

    public static ElfObject Read(ReadOnlyMemory<byte> image, string fileName)
    {
        FormatReader file = Identify(image, fileName);
        ElfSection[] sections = ReadSections(file);
        ElfSymbol[] symbols = ReadSymbols(file, sections);
        return new ElfObject(image, fileName, file.IsLittleEndian, file.U16(18), sections, symbols, FindRelocations(file, sections));
    }

    /// <summary>The entries of a section of relocations, ordered by offset.</summary>
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
                entries.Fail(at + 8, $"symbol {symbol} of {elf.Symbols.Count}");
            }

            list[i] = new ElfRelocation(entries.U64(at), (uint)info, (int)symbol);
        }

        Array.Sort(list, static (a, b) => a.Offset.CompareTo(b.Offset));
        return list;
    }

    private static FormatReader Identify(ReadOnlyMemory<byte> image, string fileName)
    {
        ReadOnlySpan<byte> start = image.Span;
        if (start.Length < HeaderSize || start[0] != 0x7f || start[1] != 'E' || start[2] != 'L' || start[3] != 'F')
        {
            BpfObjectFormatException.Throw(fileName, null, 0, start.IsEmpty ? "the file is empty" : FileKind.Instead(start, "no ELF file"));
        }

        if (start[4] != 2)
        {
            BpfObjectFormatException.Throw(fileName, null, 4, "only 64-bit ELF files are eBPF objects");
        }

        if (start[5] is not (1 or 2))
        {
            BpfObjectFormatException.Throw(fileName, null, 5, $"byte order {start[5]} is neither little-endian (1) nor big-endian (2)");
        }

        var file = new FormatReader(image, start[5] == 1, fileName, null);
        if (file.U16(16) != RelocatableFile)
        {
            file.Fail(16, $"ELF type {file.U16(16)} is not a relocatable file (1): was it made by clang -c?");
        }

        return file;
    }

    private static ElfSection[] ReadSections(FormatReader file)
    {
        long table = checked((long)Math.Min(file.U64(40), long.MaxValue));
        int entrySize = file.U16(58);
        int count = file.U16(60);
        int namesIndex = file.U16(62);
        if (count == 0)
        {
            return [];
        }

        if (entrySize != SectionHeaderSize)
        {
            file.Fail(58, $"section headers of {entrySize} bytes; {SectionHeaderSize} are defined");
        }

        FormatReader headers = file.Part(table, (long)count * SectionHeaderSize);
        if (namesIndex >= count)
        {
            file.Fail(62, $"the section names are said to be in section {namesIndex} of {count}");
        }

        var names = new ElfNames(Contents(file, headers, namesIndex), file.Length);
        var sections = new ElfSection[count];
        long together = 0;
        for (int i = 0; i < count; i++)
        {
            long at = (long)i * SectionHeaderSize;
            uint nameOffset = headers.U32(at);
            var type = (ElfSectionType)headers.U32(at + 4);
            ReadOnlyMemory<byte> contents = Contents(file, headers, i).Data;
            together += contents.Length;
            if (together > file.Length)
            {
                // Each byte would be read, copied and linked once for every section that claims it.
                file.Fail(null, $"sections 0 to {i} together have {together} bytes, but the file has only {file.Length}: they overlap");
            }

            sections[i] = new ElfSection(i, i == 0 ? "" : names.At(nameOffset))
            {
                Type = type,
                Flags = headers.U64(at + 8),
                Offset = headers.U64(at + 24),
                Size = headers.U64(at + 32),
                Link = checked((int)Math.Min(headers.U32(at + 40), int.MaxValue)),
                Info = checked((int)Math.Min(headers.U32(at + 44), int.MaxValue)),
                Alignment = headers.U64(at + 48),
                EntrySize = headers.U64(at + 56),
                Data = contents,
            };
        }

        return sections;
    }

    private static FormatReader Contents(FormatReader file, FormatReader headers, int index)
    {
        long at = (long)index * SectionHeaderSize;
        var type = (ElfSectionType)headers.U32(at + 4);
        if (type is ElfSectionType.Null or ElfSectionType.NoBits)
        {
            return file.Part(0, 0);
        }

        ulong offset = headers.U64(at + 24);
        ulong size = headers.U64(at + 32);
        if (offset > (ulong)file.Length || size > (ulong)file.Length - offset)
        {
            file.Fail(null, $"section {index} lies at 0x{offset:x} with 0x{size:x} bytes, outside the file of 0x{file.Length:x} bytes");
        }

        return file.Part((long)offset, (long)size);
    }

    private static ElfSymbol[] ReadSymbols(FormatReader file, ElfSection[] sections)
    {
        ElfSection? table = Array.Find(sections, s => s.Type == ElfSectionType.SymbolTable);
        if (table is null)
        {
            return [];
        }

        FormatReader entries = ReaderOf(file, table);
        if (table.Link >= sections.Length || sections[table.Link].Type != ElfSectionType.StringTable)
        {
            entries.Fail(null, $"its names are said to be in section {table.Link}, which is no string table");
        }

        var names = new ElfNames(ReaderOf(file, sections[table.Link]), file.Length);
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

    // The sections of relocations, by the section they apply to.
    private static Dictionary<int, ElfSection> FindRelocations(FormatReader file, ElfSection[] sections)
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
                ReaderOf(file, section).Fail(null, $"it is said to apply to section {section.Info}, which does not exist");
            }

            if (all.TryGetValue(section.Info, out ElfSection? other))
            {
                ReaderOf(file, section).Fail(null, $"it applies to section {section.Info} ({sections[section.Info].Name}), to which section {other.Name} applies already");
            }

            all.Add(section.Info, section);
        }

        return all;
    }

    private static FormatReader ReaderOf(FormatReader file, ElfSection section)
        => new(section.Data, file.IsLittleEndian, file.FileName, section.Name);
}
