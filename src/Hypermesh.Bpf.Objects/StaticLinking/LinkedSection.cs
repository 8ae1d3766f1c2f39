using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>One section of the linked object, which consists of all sections with that name.</summary>
internal sealed class LinkedSection(ElfSection first, string firstFile)
{
    // No kernel accepts more globals or code than this in one section. A .bss can have any size in a small file.
    private const ulong LargestSize = 1UL << 30;

    private byte[]? _contents;

    public string Name => first.Name;

    public ElfSectionType Type => first.Type;

    public ulong Flags => first.Flags;

    public ulong EntrySize => first.EntrySize;

    public bool IsExecutable => first.IsExecutable;

    /// <summary>The first section with this name, for comparison with the others.</summary>
    public ElfSection First => first;

    public string FirstFile => firstFile;

    public int Alignment { get; private set; } = 1;

    public int Size { get; private set; }

    /// <summary>Its index in the section table; set when the table is written.</summary>
    public int Index { get; set; }

    /// <summary>The symbol of the section itself; null when it is not needed.</summary>
    public LinkedSymbol? Symbol { get; set; }

    public List<LinkedRelocation> Relocations { get; } = [];

    public List<BtfFunctionInfo> Functions { get; } = [];

    public List<BtfLineInfo> Lines { get; } = [];

    public List<CoreRelocation> CoreRelocations { get; } = [];

    /// <summary>The contents. They are allocated on first use, when all sizes are known.</summary>
    public byte[] Contents => _contents ??= new byte[Type == ElfSectionType.NoBits ? 0 : Size];

    /// <summary>Reserves space for the contents of one more section.</summary>
    /// <returns>The offset of the contents; null when the linked section becomes too large.</returns>
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

/// <summary>The position of an object's section in the linked object.</summary>
/// <param name="Section">The linked object's section.</param>
/// <param name="Offset">The offset in it, in bytes.</param>
/// <param name="IsShared">True when the equal contents of another object are used (<c>license</c>, <c>version</c>).</param>
internal sealed record SectionPlace(LinkedSection Section, int Offset, bool IsShared);

/// <summary>A reference from a linked section to a symbol.</summary>
/// <param name="Offset">The offset in the section, in bytes.</param>
/// <param name="Type"><c>R_BPF_*</c>.</param>
/// <param name="Symbol">The symbol it refers to.</param>
internal readonly record struct LinkedRelocation(ulong Offset, uint Type, LinkedSymbol Symbol);
