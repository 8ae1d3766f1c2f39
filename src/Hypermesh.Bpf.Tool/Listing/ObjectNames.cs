using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tool.Listing;

/// <summary>Names for the instructions of an object that is not loaded: its relocations say what each refers to.</summary>
internal sealed class ObjectNames(Dictionary<int, ElfSymbol> symbols, IReadOnlyList<ElfSection> sections) : BpfInstructionNames
{
    public override string Call(BpfInstruction call, int index)
        => symbols.TryGetValue(index, out ElfSymbol symbol) && symbol.Name.Length > 0 ? symbol.Name : base.Call(call, index);

    public override string WideLoad(BpfInstruction low, BpfInstruction high, int index)
    {
        if (!symbols.TryGetValue(index, out ElfSymbol symbol))
        {
            return base.WideLoad(low, high, index);
        }

        string name = symbol.Name.Length > 0 ? symbol.Name : symbol.SectionIndex < sections.Count ? sections[symbol.SectionIndex].Name : $"symbol {symbol.Index}";
        return low.Immediate == 0 ? name : $"{name}+{low.Immediate}";
    }
}
