using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>All functions of an object, by section and first instruction.</summary>
internal sealed class CodeUnitTable
{
    private readonly Dictionary<(int Section, int Index), CodeUnit> _units = [];
    private readonly ElfObject _elf;

    public CodeUnitTable(ElfObject elf)
    {
        _elf = elf;
        foreach (ElfSymbol symbol in elf.Symbols)
        {
            if (symbol.Type == ElfSymbolType.Function && symbol.SectionIndex > 0 && symbol.SectionIndex < elf.Sections.Count)
            {
                Add(symbol, elf.Sections[symbol.SectionIndex]);
            }
        }
    }

    public CodeUnit Get(ProgramSpec program) => Get(program.Code, (long)(program.Symbol.Value / BpfInstruction.Size));

    public CodeUnit Get(ElfSection section, long index)
    {
        if (index is < 0 or > int.MaxValue || !_units.TryGetValue((section.Index, (int)index), out CodeUnit? unit))
        {
            throw new BpfObjectFormatException(_elf.FileName, section.Name, index * BpfInstruction.Size, "something refers to a function here, but none begins at this place");
        }

        return unit;
    }

    private void Add(ElfSymbol symbol, ElfSection section)
    {
        ReadOnlyMemory<byte> code = section.Data;
        if (symbol.Value % BpfInstruction.Size != 0 || symbol.Size % BpfInstruction.Size != 0 || symbol.Size == 0
            || symbol.Value > (ulong)code.Length || symbol.Size > (ulong)code.Length - symbol.Value)
        {
            throw new BpfObjectFormatException(
                _elf.FileName,
                section.Name,
                (long)Math.Min(symbol.Value, long.MaxValue),
                $"function '{symbol.Name}' of {symbol.Size} bytes does not consist of whole instructions within the section of {code.Length} bytes");
        }

        ReadOnlySpan<byte> bytes = code.Span.Slice((int)symbol.Value, (int)symbol.Size);
        var unit = new CodeUnit(section, symbol, MemoryMarshal.Cast<byte, BpfInstruction>(bytes).ToArray());
        // Two names for one function (an alias) are one unit.
        _units[(section.Index, unit.FirstIndex)] = unit;
    }
}
