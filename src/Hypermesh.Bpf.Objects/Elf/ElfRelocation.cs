namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>One place that refers to a symbol.</summary>
/// <param name="Offset">The byte within the section the relocations belong to.</param>
/// <param name="Type"><c>R_BPF_*</c>: 1 a 64-bit immediate load, 2 and 3 data words, 4 a data word that is left alone, 10 a call.</param>
/// <param name="SymbolIndex">The symbol, by its index in <see cref="ElfObject.Symbols"/>.</param>
public readonly record struct ElfRelocation(ulong Offset, uint Type, int SymbolIndex);
