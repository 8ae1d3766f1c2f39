namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>The section headers of an ELF64 file of any kind, with their names. Contents are read on request.</summary>
internal sealed class ElfSectionTable
{
    public const int EntrySize = 64;

    private readonly ElfImage _image;

    private ElfSectionTable(ElfImage image, ElfSectionHeader[] headers)
    {
        _image = image;
        Headers = headers;
    }

    /// <summary>The headers in the order of the table; index 0 is the null section.</summary>
    public IReadOnlyList<ElfSectionHeader> Headers { get; }

    /// <exception cref="BpfObjectFormatException">The table or the names are outside the file.</exception>
    public static ElfSectionTable Read(ElfImage image)
    {
        FormatReader file = image.Header;
        int entrySize = file.U16(58);
        int count = file.U16(60);
        int namesIndex = file.U16(62);
        if (count == 0)
        {
            return new ElfSectionTable(image, []);
        }

        if (entrySize != EntrySize)
        {
            file.Fail(58, $"section headers have {entrySize} bytes instead of {EntrySize}");
        }

        FormatReader entries = image.Part(file.U64(40), (ulong)count * EntrySize, null);
        if (namesIndex >= count)
        {
            file.Fail(62, $"the header says that section {namesIndex} has the section names, but the file has only {count} sections");
        }

        var names = new ElfNames(new ElfWindow(image, Entry(entries, namesIndex)), image.Length);
        var headers = new ElfSectionHeader[count];
        for (int i = 0; i < count; i++)
        {
            headers[i] = Entry(entries, i) with { Name = i == 0 ? "" : names.At(entries.U32((long)i * EntrySize)) };
        }

        return new ElfSectionTable(image, headers);
    }

    /// <summary>Finds the first section with a name; null when there is none.</summary>
    public ElfSectionHeader? Find(string name) => First(header => header.Name == name);

    /// <summary>Finds the first section of a type; null when there is none.</summary>
    public ElfSectionHeader? Find(ElfSectionType type) => First(header => header.Type == type);

    /// <summary>Returns the whole contents of a section that is small in every file; empty when the file has no contents for it.</summary>
    /// <exception cref="BpfObjectFormatException">The contents are outside the file.</exception>
    public FormatReader Contents(in ElfSectionHeader header)
        => header.HasContents ? _image.Part(header.Offset, header.Size, header.Name) : _image.Part(0, 0, header.Name);

    private ElfSectionHeader? First(Func<ElfSectionHeader, bool> isWanted)
    {
        foreach (ElfSectionHeader header in Headers)
        {
            if (header.Index > 0 && isWanted(header))
            {
                return header;
            }
        }

        return null;
    }

    private static ElfSectionHeader Entry(FormatReader entries, int index)
    {
        long at = (long)index * EntrySize;
        return new ElfSectionHeader(
            index,
            "",
            (ElfSectionType)entries.U32(at + 4),
            entries.U64(at + 8),
            entries.U64(at + 16),
            entries.U64(at + 24),
            entries.U64(at + 32),
            entries.U32(at + 40),
            entries.U32(at + 44),
            entries.U64(at + 48),
            entries.U64(at + 56));
    }
}

/// <summary>A section as its header describes it (<c>Elf64_Shdr</c>).</summary>
internal readonly record struct ElfSectionHeader(
    int Index,
    string Name,
    ElfSectionType Type,
    ulong Flags,
    ulong Address,
    ulong Offset,
    ulong Size,
    uint Link,
    uint Info,
    ulong Alignment,
    ulong EntrySize)
{
    // Types that eBPF objects do not have.
    public const ElfSectionType Note = (ElfSectionType)7;
    public const ElfSectionType DynamicSymbols = (ElfSectionType)11;
    public const ElfSectionType VersionDefinitions = (ElfSectionType)0x6ffffffd;
    public const ElfSectionType Versions = (ElfSectionType)0x6fffffff;

    /// <summary>True when its bytes are in the file.</summary>
    public bool HasContents => Type is not (ElfSectionType.Null or ElfSectionType.NoBits);
}
