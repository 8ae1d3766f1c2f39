using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Finds the symbols that an object refers to.</summary>
internal static class DataReferences
{
    // R_BPF_64_NODYLD32: a place in debug information.
    private const uint Unused = 4;

    /// <summary>Returns the symbols that some sections refer to.</summary>
    public static HashSet<int> SymbolsOf(ElfObject elf, Func<ElfSection, bool> isAsked)
        => [.. elf.Sections.Where(isAsked).SelectMany(elf.RelocationsOf).Where(static one => one.Type != Unused).Select(static one => one.SymbolIndex)];

    /// <summary>Returns true for code and data, not for debug information and types.</summary>
    public static bool IsOfProgram(ElfSection section) => section.IsAllocated;
}
