using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>One section of the linked object, made of all sections of that name.</summary>
internal sealed class LinkedSection(ElfSection first, string firstFile)
{
    // No kernel takes more globals or code than this in one section; a .bss may state any size without the file growing.
    private const ulong LargestSize = 1UL << 30;

    private byte[]? _contents;

    public string Name => first.Name;

    public ElfSectionType Type => first.Type;

    public ulong Flags => first.Flags;

    public ulong EntrySize => first.EntrySize;

    public bool IsExecutable => first.IsExecutable;

    /// <summary>The section that came first, for comparison with those that follow.</summary>
    public ElfSection First => first;

    public string FirstFile => firstFile;

    public int Alignment { get; private set; } = 1;

    public int Size { get; private set; }

    /// <summary>Its place in the section table, once that is laid out.</summary>
    public int Index { get; set; }

    /// <summary>The one symbol that stands for the section itself; null while nobody asked for one.</summary>
    public LinkedSymbol? Symbol { get; set; }

    public List<LinkedRelocation> Relocations { get; } = [];

    public List<BtfFunctionInfo> Functions { get; } = [];

    public List<BtfLineInfo> Lines { get; } = [];

    public List<CoreRelocation> CoreRelocations { get; } = [];

    /// <summary>The contents; there is room for them when all sizes are known.</summary>
    public byte[] Contents => _contents ??= new byte[Type == ElfSectionType.NoBits ? 0 : Size];

    /// <summary>Makes room for the contents of one more.</summary>
    /// <returns>Where they come to lie; null where the section becomes too large.</returns>
    public int? Reserve(ElfSection section)
    {
        Alignment = Math.Max(Alignment, (int)section.Alignment);
        ulong offset = ((ulong)Size + (ulong)Alignment - 1) / (ulong)Alignment * (ulong)Alignment;
        if (section.Size > LargestSize || offset + section.Size > LargestSize)
        {
            return null;
        }

        Size = (int)(offset + section.Size);
        return (int)offset;
    }
}

/// <summary>Where the contents of an object's section come to lie.</summary>
/// <param name="Section">The linked object's section.</param>
/// <param name="Offset">The byte within it.</param>
/// <param name="IsShared">True where another object's contents stand for these too (<c>license</c>, <c>version</c>).</param>
internal sealed record SectionPlace(LinkedSection Section, int Offset, bool IsShared);

/// <summary>One place of a linked section that refers to a symbol.</summary>
/// <param name="Offset">The byte within the section.</param>
/// <param name="Type"><c>R_BPF_*</c>.</param>
/// <param name="Symbol">What it refers to.</param>
internal readonly record struct LinkedRelocation(ulong Offset, uint Type, LinkedSymbol Symbol);
