using System.Collections.Concurrent;

namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>A relocatable ELF64 file of either byte order, read in place: sections, symbols, relocations.</summary>
internal sealed class ElfObject
{
    /// <summary>The machine number of eBPF (<c>EM_BPF</c>).</summary>
    public const ushort BpfMachine = 247;

    private readonly Dictionary<string, ElfSection> _sectionsByName;
    private readonly Dictionary<int, ElfSection> _relocationSections;
    private readonly ConcurrentDictionary<int, ElfRelocation[]> _relocations = new();
    private ILookup<int, ElfSymbol>? _symbolsBySection;

    internal ElfObject(
        ReadOnlyMemory<byte> image,
        string fileName,
        bool isLittleEndian,
        ushort machine,
        IReadOnlyList<ElfSection> sections,
        IReadOnlyList<ElfSymbol> symbols,
        Dictionary<int, ElfSection> relocationSections)
    {
        Image = image;
        FileName = fileName;
        IsLittleEndian = isLittleEndian;
        Machine = machine;
        Sections = sections;
        Symbols = symbols;
        _relocationSections = relocationSections;
        _sectionsByName = new Dictionary<string, ElfSection>(StringComparer.Ordinal);
        foreach (ElfSection section in sections)
        {
            // The first section with a name wins, as in other ELF readers.
            if (!_sectionsByName.ContainsKey(section.Name))
            {
                _sectionsByName.Add(section.Name, section);
            }
        }
    }

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> Image { get; }

    /// <summary>The name that the bytes were opened with, for messages.</summary>
    public string FileName { get; }

    /// <summary>The byte order of the file.</summary>
    public bool IsLittleEndian { get; }

    /// <summary>The machine that the code is for; <see cref="BpfMachine"/> for eBPF.</summary>
    public ushort Machine { get; }

    /// <summary>The sections in file order; index 0 is the null section.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>The symbols in table order; index 0 is the null symbol.</summary>
    public IReadOnlyList<ElfSymbol> Symbols { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="image">The file's bytes; they are kept and must not change.</param>
    /// <param name="fileName">A name for messages.</param>
    /// <returns>The file's parts, in place.</returns>
    /// <exception cref="BpfObjectFormatException">The bytes are not a relocatable ELF64 file, or a count or offset in them points outside the file.</exception>
    public static ElfObject Read(ReadOnlyMemory<byte> image, string fileName) => ElfReader.Read(image, fileName);

    /// <summary>Finds the first section with a name.</summary>
    /// <param name="name">The whole name.</param>
    /// <returns>The section, or null.</returns>
    public ElfSection? FindSection(string name) => _sectionsByName.TryGetValue(name, out ElfSection? section) ? section : null;

    /// <summary>Returns the relocations that apply to a section, ordered by offset; they are read at the first call.</summary>
    /// <param name="section">A section of this object.</param>
    /// <returns>The relocations; empty when there are none.</returns>
    /// <exception cref="BpfObjectFormatException">A relocation refers to a symbol that does not exist.</exception>
    public IReadOnlyList<ElfRelocation> RelocationsOf(ElfSection section) => Relocations(section);

    /// <summary>Returns the relocations that apply to a part of a section.</summary>
    internal ArraySegment<ElfRelocation> RelocationsWithin(ElfSection section, ulong start, ulong size)
        => OffsetRange.Within(Relocations(section), start, size, static relocation => relocation.Offset);

    /// <summary>Returns the symbols of one section, in table order.</summary>
    internal IEnumerable<ElfSymbol> SymbolsOf(ElfSection section)
        => (_symbolsBySection ??= Symbols.ToLookup(static symbol => (int)symbol.SectionIndex))[section.Index];

    private ElfRelocation[] Relocations(ElfSection section)
        => _relocations.TryGetValue(section.Index, out ElfRelocation[]? known) ? known
            : _relocationSections.TryGetValue(section.Index, out ElfSection? entries) ? _relocations.GetOrAdd(section.Index, ElfReader.ReadRelocations(this, entries))
            : [];
}
