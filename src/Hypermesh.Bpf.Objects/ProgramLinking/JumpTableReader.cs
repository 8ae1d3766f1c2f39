using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.ProgramLinking;

/// <summary>
/// Reads the jump tables that a compiler writes for a large <c>switch</c> (clang 22). Each entry is the target of a jump, as an offset in bytes within the section
/// of the jumping function.
/// </summary>
internal sealed class JumpTableReader(ElfObject elf)
{
    internal const string Section = ".jumptables";

    private const int EntrySize = 8;

    private readonly Dictionary<(CodeUnit Unit, ulong Place), LinkedJumpTable> _tables = [];
    private ulong _read;

    /// <summary>Reads the table of a symbol; its targets are counted from the function's first instruction.</summary>
    /// <exception cref="BpfObjectFormatException">
    /// The size of the table is not a multiple of the entry size, a target is outside the function or within an instruction, or tables overlap.
    /// </exception>
    public LinkedJumpTable Read(ElfSection section, ElfSymbol symbol, CodeUnit unit)
    {
        if (!_tables.TryGetValue((unit, symbol.Value), out LinkedJumpTable? table))
        {
            table = ReadOnce(section, symbol, unit);
            _tables.Add((unit, symbol.Value), table);
        }

        return table;
    }

    private LinkedJumpTable ReadOnce(ElfSection section, ElfSymbol symbol, CodeUnit unit)
    {
        FormatReader reader = new(section.Data, elf.IsLittleEndian, elf.FileName, section.Name);
        if (symbol.Value % EntrySize != 0 || symbol.Size % EntrySize != 0 || symbol.Size == 0 || symbol.Value > int.MaxValue)
        {
            reader.Fail((long)Math.Min(symbol.Value, long.MaxValue), $"table '{symbol.Name}' of {symbol.Size} bytes does not consist of whole entries");
        }

        reader = new(reader.Slice((long)symbol.Value, (long)Math.Min(symbol.Size, long.MaxValue)), elf.IsLittleEndian, elf.FileName, section.Name);

        // Each table belongs to one function. A file with overlapping tables could have far more entries than bytes.
        _read += symbol.Size;
        if (_read > section.Size)
        {
            reader.Fail((long)symbol.Value, $"the tables overlap: together they are longer than the {section.Size} bytes of the section");
        }

        int[] targets = new int[reader.Length / EntrySize];
        for (int i = 0; i < targets.Length; i++)
        {
            ulong place = unchecked(reader.U64(i * EntrySize) - unit.Symbol.Value);
            ulong index = place / BpfInstruction.Size;
            if (place % BpfInstruction.Size != 0 || index >= (ulong)unit.Instructions.Length || (index > 0 && unit.Instructions[index - 1].IsWideLoad))
            {
                reader.Fail((long)symbol.Value + (i * EntrySize), $"entry {i} of table '{symbol.Name}' does not point to an instruction of function '{unit.Name}'");
            }

            targets[i] = (int)index;
        }

        return new LinkedJumpTable((int)symbol.Value, targets);
    }
}
