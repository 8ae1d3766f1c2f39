using System.Buffers.Binary;

namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>Takes the DWARF out of an object, as <c>llvm-strip -g</c> does, without another tool to find.</summary>
/// <remarks>
/// BTF stays: it is what the loader needs. Section and symbol numbers change and everything that refers to them is written anew;
/// strings keep their places. The same object always gives the same bytes.
/// </remarks>
public static class ElfStripper
{
    private const int FirstReservedSection = 0xff00;

    /// <summary>The object without its <c>.debug_*</c> sections, their relocations and their symbols.</summary>
    /// <param name="image">The object.</param>
    /// <param name="fileName">A name for messages.</param>
    /// <returns>A new, smaller object.</returns>
    /// <exception cref="BpfObjectFormatException">The bytes are no relocatable ELF64 file.</exception>
    public static byte[] Strip(ReadOnlyMemory<byte> image, string fileName)
    {
        ElfObject elf = ElfObject.Read(image, fileName);
        int[] sections = Renumber(elf.Sections.Count, i => IsKept(elf, elf.Sections[i]));
        int[] symbols = Renumber(elf.Symbols.Count, i => IsKept(elf.Symbols[i], sections));
        Output output = new(elf.IsLittleEndian);
        output.Append(image.Span.Slice(0, ElfReader.HeaderSize));

        byte[] table = new byte[(sections.Count(n => n >= 0)) * ElfReader.SectionHeaderSize];
        ReadOnlyMemory<byte> headers = image.Slice((int)output.U64(40));
        foreach (ElfSection section in elf.Sections.Where(s => sections[s.Index] >= 0).OrderBy(s => s.Offset))
        {
            Span<byte> header = table.AsSpan(sections[section.Index] * ElfReader.SectionHeaderSize, ElfReader.SectionHeaderSize);
            headers.Span.Slice(section.Index * ElfReader.SectionHeaderSize, ElfReader.SectionHeaderSize).CopyTo(header);
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
        return output.Finish(table, Mapped(sections, output.U16(62)));
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

    // The new number of each old one, -1 for what goes. Number 0 stays what it is in both tables.
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
        // The first symbol that is not local.
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
        Output entries = new(elf.IsLittleEndian);
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
        Output order = new(elf.IsLittleEndian);
        FormatReader reader = new(section.Data, elf.IsLittleEndian, elf.FileName, section.Name);
        for (int at = 8; at < entries.Length; at += ElfReader.RelocationSize)
        {
            ulong info = reader.U64(at);
            order.PutU64(entries.AsSpan(at), ((ulong)Mapped(symbols, (int)(info >> 32)) << 32) | (uint)info);
        }

        return entries;
    }

    /// <summary>Bytes being written in the byte order of the object.</summary>
    private sealed class Output(bool isLittleEndian)
    {
        private readonly List<byte> _bytes = [];

        public int Length => _bytes.Count;

        public byte[] ToArray() => [.. _bytes];

        public void Append(ReadOnlySpan<byte> bytes)
        {
            foreach (byte b in bytes)
            {
                _bytes.Add(b);
            }
        }

        public void Align(int alignment)
        {
            while (_bytes.Count % alignment != 0)
            {
                _bytes.Add(0);
            }
        }

        public ushort U16(int at) => new FormatReader(ToArray(), isLittleEndian, "", null).U16(at);

        public ulong U64(int at) => new FormatReader(ToArray(), isLittleEndian, "", null).U64(at);

        public void PutU16(Span<byte> at, ushort value)
        {
            if (isLittleEndian)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(at, value);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(at, value);
            }
        }

        public void PutU32(Span<byte> at, uint value)
        {
            if (isLittleEndian)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(at, value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(at, value);
            }
        }

        public void PutU64(Span<byte> at, ulong value)
        {
            if (isLittleEndian)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(at, value);
            }
            else
            {
                BinaryPrimitives.WriteUInt64BigEndian(at, value);
            }
        }

        // The section table goes last; the file's header learns where it is.
        public byte[] Finish(byte[] table, int namesIndex)
        {
            int tableOffset = Length;
            Append(table);
            byte[] file = ToArray();
            PutU64(file.AsSpan(40), (ulong)tableOffset);
            PutU16(file.AsSpan(60), (ushort)(table.Length / ElfReader.SectionHeaderSize));
            PutU16(file.AsSpan(62), (ushort)namesIndex);
            return file;
        }
    }
}
