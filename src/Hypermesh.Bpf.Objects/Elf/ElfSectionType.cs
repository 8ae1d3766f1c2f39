namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>What a section holds (<c>sh_type</c>); only the kinds that appear in eBPF objects are named.</summary>
public enum ElfSectionType : uint
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

    /// <summary>Zeroes that take no room in the file (<c>SHT_NOBITS</c>).</summary>
    NoBits = 8,

    /// <summary>Relocations (<c>SHT_REL</c>).</summary>
    Relocations = 9,

    /// <summary>Addresses for address-significance (<c>SHT_LLVM_ADDRSIG</c>), meaningless to a loader.</summary>
    LlvmAddressSignificance = 0x6fff4c03,
}
