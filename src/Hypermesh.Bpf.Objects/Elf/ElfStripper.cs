namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>Removes the DWARF from an object, as <c>llvm-strip -g</c> does, without an external tool.</summary>
/// <remarks>
/// BTF stays, because the loader needs it. Section and symbol indices change, and every reference to them is rewritten;
/// strings keep their offsets. The output is deterministic: the same object gives the same bytes.
/// </remarks>
internal static class ElfStripper
{
    private const int FirstReservedSection = 0xff00;

    /// <summary>Returns the object without its <c>.debug_*</c> sections, their relocations and their symbols.</summary>
    /// <param name="image">The object.</param>
    /// <param name="fileName">A name for messages.</param>
    /// <returns>A new, smaller object.</returns>
    /// <exception cref="BpfObjectFormatException">The bytes are not a relocatable ELF64 file.</exception>
    public static byte[] Strip(ReadOnlyMemory<byte> image, string fileName)
    {
        ElfObject elf = ElfObject.Read(image, fileName);
        int[] sections = Renumber(elf.Sections.Count, i => IsKept(elf, elf.Sections[i]));
        int[] symbols = Renumber(elf.Symbols.Count, i => IsKept(elf.Symbols[i], sections));
        ElfWriter output = new(elf.IsLittleEndian);
        output.Append(image.Span.Slice(0, ElfImage.HeaderSize));

        FormatReader file = new(image, elf.IsLittleEndian, fileName, null);
        ReadOnlyMemory<byte> headers = file.Slice((long)file.U64(40), (long)elf.Sections.Count * ElfSectionTable.EntrySize);
        byte[] table = new byte[sections.Count(number => number >= 0) * ElfSectionTable.EntrySize];
        foreach (ElfSection section in elf.Sections.Where(s => sections[s.Index] >= 0).OrderBy(s => s.Offset))
        {
            Span<byte> header = table.AsSpan(sections[section.Index] * ElfSectionTable.EntrySize, ElfSectionTable.EntrySize);
            headers.Span.Slice(section.Index * ElfSectionTable.EntrySize, ElfSectionTable.EntrySize).CopyTo(header);
            if (section.Type == ElfSectionType.Null)
            {
                continue;
            }

            byte[] contents = Contents(elf, section, sections, symbols);
            output.Align((int)Math.Max(1, Math.Min(section.Alignment, 4096)));
            output.PutU64(header.Slice(24), (ulong)output.Length);
            if (section.Type != ElfSectionType.NoBits)
            {
                output.PutU64(header.Slice(32), (ulong)contents.Length);
            }

            output.PutU32(header.Slice(40), (uint)Mapped(sections, section.Link));
            output.PutU32(header.Slice(44), (uint)Info(elf, section, sections, symbols));
            output.Append(contents);
        }

        output.Align(8);
        return output.Finish(table, Mapped(sections, file.U16(62)));
    }

    private static bool IsKept(ElfObject elf, ElfSection section) => section.Type switch
    {
        ElfSectionType.LlvmAddressSignificance => false,
        ElfSectionType.Relocations or ElfSectionType.RelocationsWithAddends =>
            section.Info < elf.Sections.Count && !IsDebug(elf.Sections[section.Info]),
        _ => !IsDebug(section),
    };

    private static bool IsDebug(ElfSection section) => section.Name.StartsWith(".debug_", StringComparison.Ordinal);

    private static bool IsKept(ElfSymbol symbol, int[] sections)
        => symbol.SectionIndex >= FirstReservedSection || (symbol.SectionIndex < sections.Length && sections[symbol.SectionIndex] >= 0);

    // The new index of each old one, -1 for a removed entry. Index 0 stays the null entry in both tables.
    private static int[] Renumber(int count, Func<int, bool> isKept)
    {
        int[] numbers = new int[count];
        int next = 0;
        for (int i = 0; i < count; i++)
        {
            numbers[i] = isKept(i) ? next++ : -1;
        }

        return numbers;
    }

    private static int Mapped(int[] numbers, int old) => old < numbers.Length && numbers[old] >= 0 ? numbers[old] : 0;

    private static int Info(ElfObject elf, ElfSection section, int[] sections, int[] symbols) => section.Type switch
    {
        ElfSectionType.Relocations or ElfSectionType.RelocationsWithAddends => sections[section.Info],
        // The index of the first symbol that is not local.
        ElfSectionType.SymbolTable => elf.Symbols.Count(s => s.Index < section.Info && symbols[s.Index] >= 0),
        _ => section.Info,
    };

    private static byte[] Contents(ElfObject elf, ElfSection section, int[] sections, int[] symbols) => section.Type switch
    {
        ElfSectionType.SymbolTable => Symbols(elf, section, sections, symbols),
        ElfSectionType.Relocations => Relocations(elf, section, symbols),
        _ => section.Data.ToArray(),
    };

    private static byte[] Symbols(ElfObject elf, ElfSection section, int[] sections, int[] symbols)
    {
        ElfWriter entries = new(elf.IsLittleEndian);
        foreach (ElfSymbol symbol in elf.Symbols.Where(s => symbols[s.Index] >= 0))
        {
            byte[] entry = section.Data.Slice(symbol.Index * ElfReader.SymbolSize, ElfReader.SymbolSize).ToArray();
            if (symbol.SectionIndex < FirstReservedSection)
            {
                entries.PutU16(entry.AsSpan(6), (ushort)sections[symbol.SectionIndex]);
            }

            entries.Append(entry);
        }

        return entries.ToArray();
    }

    private static byte[] Relocations(ElfObject elf, ElfSection section, int[] symbols)
    {
        byte[] entries = section.Data.ToArray();
        ElfWriter writer = new(elf.IsLittleEndian);
        FormatReader reader = new(section.Data, elf.IsLittleEndian, elf.FileName, section.Name);
        for (int at = 8; at < entries.Length; at += ElfReader.RelocationSize)
        {
            ulong info = reader.U64(at);
            writer.PutU64(entries.AsSpan(at), ((ulong)Mapped(symbols, (int)(info >> 32)) << 32) | (uint)info);
        }

        return entries;
    }
}
