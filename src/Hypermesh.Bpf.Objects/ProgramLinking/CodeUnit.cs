using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.ProgramLinking;

/// <summary>One function of the object. It is relocated once, even when several programs call it.</summary>
internal sealed class CodeUnit(ElfSection section, ElfSymbol symbol, BpfInstruction[] instructions)
{
    public ElfSection Section => section;

    public ElfSymbol Symbol => symbol;

    public BpfInstruction[] Instructions => instructions;

    /// <summary>The index of its first instruction within its section.</summary>
    public int FirstIndex => (int)(symbol.Value / BpfInstruction.Size);

    public string Name => symbol.Name;

    public bool IsRelocated { get; set; }

    /// <summary>The error of a failed relocation; null before the attempt and after success.</summary>
    public BpfException? Failure { get; set; }

    public List<InstructionReference> References { get; } = [];

    public List<FunctionCall> Calls { get; } = [];

    public List<PoisonedInstruction> Poisoned { get; } = [];
}

/// <summary>A call of, or a pointer to, another function of the object.</summary>
/// <param name="Index">The index of the instruction within the calling unit.</param>
/// <param name="Callee">The called function.</param>
internal readonly record struct FunctionCall(int Index, CodeUnit Callee);

/// <summary>All functions of an object, by section and first instruction.</summary>
internal sealed class CodeUnitTable
{
    private readonly Dictionary<(int Section, int Index), CodeUnit> _units = [];
    private readonly ElfObject _elf;

    public CodeUnitTable(ElfObject elf)
    {
        _elf = elf;
        CheckOverlaps(elf);
        foreach (ElfSymbol symbol in elf.Symbols.Where(symbol => IsFunction(elf, symbol)))
        {
            Add(symbol, elf.Sections[symbol.SectionIndex]);
        }
    }

    public CodeUnit Get(BpfProgramSpec program) => Get(program.Code, (long)(program.Symbol.Value / BpfInstruction.Size));

    public CodeUnit Get(ElfSection section, long index)
    {
        if (index is < 0 or > int.MaxValue || !_units.TryGetValue((section.Index, (int)index), out CodeUnit? unit))
        {
            throw new BpfObjectFormatException(_elf.FileName, section.Name, index * BpfInstruction.Size, "a call or reference has this target, but no function begins here");
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

        // Two names for one function (an alias) share their instructions.
        (int, int) place = (section.Index, (int)(symbol.Value / BpfInstruction.Size));
        BpfInstruction[] instructions = _units.TryGetValue(place, out CodeUnit? known) && known.Symbol.Size == symbol.Size
            ? known.Instructions
            : MemoryMarshal.Cast<byte, BpfInstruction>(code.Span.Slice((int)symbol.Value, (int)symbol.Size)).ToArray();
        _units[place] = new CodeUnit(section, symbol, instructions);
    }

    // Compilers do not write overlapping functions. If each extended to the section's end, the number of instructions would grow with the square of the file's size.
    private static void CheckOverlaps(ElfObject elf)
    {
        foreach (IGrouping<int, ElfSymbol> functions in elf.Symbols.Where(symbol => IsFunction(elf, symbol)).GroupBy(static symbol => (int)symbol.SectionIndex))
        {
            ElfSymbol before = default;
            foreach (ElfSymbol symbol in functions.OrderBy(static symbol => symbol.Value).ThenBy(static symbol => symbol.Size))
            {
                if (symbol.Value != before.Value && before.Size > symbol.Value - before.Value)
                {
                    throw new BpfObjectFormatException(
                        elf.FileName, elf.Sections[functions.Key].Name, (long)Math.Min(symbol.Value, long.MaxValue), $"function '{symbol.Name}' begins within '{before.Name}', which has {before.Size} bytes");
                }

                before = symbol;
            }
        }
    }

    private static bool IsFunction(ElfObject elf, ElfSymbol symbol)
        => symbol.Type == ElfSymbolType.Function && symbol.SectionIndex > 0 && symbol.SectionIndex < elf.Sections.Count;
}
