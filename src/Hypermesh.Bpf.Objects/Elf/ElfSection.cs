using System.Diagnostics;

namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>One section of an <see cref="ElfObject"/>.</summary>
[DebuggerDisplay("[{Index}] {Name} {Type} {Size}")]
internal sealed class ElfSection
{
    private const ulong ExecutableFlag = 0x4;
    private const ulong WritableFlag = 0x1;
    private const ulong AllocatedFlag = 0x2;

    internal ElfSection(int index, string name)
    {
        Index = index;
        Name = name;
    }

    /// <summary>Its index in the section table.</summary>
    public int Index { get; }

    /// <summary>Its name, as in <c>SEC("name")</c>.</summary>
    public string Name { get; }

    /// <summary>The type of its contents.</summary>
    public ElfSectionType Type { get; internal init; }

    /// <summary><c>sh_flags</c>, as in the file.</summary>
    public ulong Flags { get; internal init; }

    /// <summary>The offset of its contents in the file.</summary>
    public ulong Offset { get; internal init; }

    /// <summary>Its size in bytes; for <see cref="ElfSectionType.NoBits"/> its size in memory.</summary>
    public ulong Size { get; internal init; }

    /// <summary><c>sh_link</c>: for symbols and relocations, the section they refer to.</summary>
    public int Link { get; internal init; }

    /// <summary><c>sh_info</c>: for relocations, the section they apply to.</summary>
    public int Info { get; internal init; }

    /// <summary>The alignment in memory, in bytes.</summary>
    public ulong Alignment { get; internal init; }

    /// <summary>The size of one entry when the section is a table.</summary>
    public ulong EntrySize { get; internal init; }

    /// <summary>The contents, in place; empty for <see cref="ElfSectionType.NoBits"/>.</summary>
    public ReadOnlyMemory<byte> Data { get; internal init; }

    /// <summary>True when it contains instructions.</summary>
    public bool IsExecutable => (Flags & ExecutableFlag) != 0;

    /// <summary>True when programs may write to it.</summary>
    public bool IsWritable => (Flags & WritableFlag) != 0;

    /// <summary>True when it occupies memory.</summary>
    public bool IsAllocated => (Flags & AllocatedFlag) != 0;
}

/// <summary>The type of a section's contents (<c>sh_type</c>); only the types that appear in eBPF objects are named.</summary>
internal enum ElfSectionType : uint
{
    /// <summary>Nothing (<c>SHT_NULL</c>).</summary>
    Null = 0,

    /// <summary>Code or data (<c>SHT_PROGBITS</c>).</summary>
    Contents = 1,

    /// <summary>Symbols (<c>SHT_SYMTAB</c>).</summary>
    SymbolTable = 2,

    /// <summary>Strings (<c>SHT_STRTAB</c>).</summary>
    StringTable = 3,

    /// <summary>Relocations with addends (<c>SHT_RELA</c>); eBPF compilers do not write them.</summary>
    RelocationsWithAddends = 4,

    /// <summary>Zeroes that occupy no space in the file (<c>SHT_NOBITS</c>).</summary>
    NoBits = 8,

    /// <summary>Relocations (<c>SHT_REL</c>).</summary>
    Relocations = 9,

    /// <summary>Address-significance table (<c>SHT_LLVM_ADDRSIG</c>), which a loader does not need.</summary>
    LlvmAddressSignificance = 0x6fff4c03,
}

/// <summary>A reference to a symbol.</summary>
/// <param name="Offset">The offset in bytes within the section that the relocations apply to.</param>
/// <param name="Type"><c>R_BPF_*</c>: 1 a 64-bit immediate load, 2 and 3 data words, 4 a data word that is not changed, 10 a call.</param>
/// <param name="SymbolIndex">The index of the symbol in <see cref="ElfObject.Symbols"/>.</param>
internal readonly record struct ElfRelocation(ulong Offset, uint Type, int SymbolIndex);
