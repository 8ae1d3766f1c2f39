using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Moves relocations to the new positions of their sections.</summary>
internal static class RelocationMerger
{
    private const int ImmediateOffset = 4;

    // R_BPF_64_64, R_BPF_64_ABS64, R_BPF_64_ABS32, R_BPF_64_32.
    private static readonly uint[] s_types = [1, 2, 3, 10];

    public static void Merge(IReadOnlyList<LinkInput> inputs)
    {
        foreach (LinkInput input in inputs)
        {
            var tables = new JumpTableMerger(input);
            foreach (ElfSection section in input.Elf.Sections)
            {
                if (input.Places[section.Index] is { IsShared: false } place)
                {
                    Move(input, section, place, tables);
                }
            }
        }
    }

    private static void Move(LinkInput input, ElfSection section, SectionPlace place, JumpTableMerger tables)
    {
        foreach (ElfRelocation relocation in input.Elf.RelocationsOf(section))
        {
            ElfSymbol symbol = input.Elf.Symbols[relocation.SymbolIndex];
            if (Array.IndexOf(s_types, relocation.Type) < 0 || relocation.Offset >= section.Size)
            {
                throw input.Format(section.Name, $"a relocation of type {relocation.Type} at byte 0x{relocation.Offset:x} of 0x{section.Size:x} cannot be linked");
            }

            LinkedSymbol target = input.Symbols[relocation.SymbolIndex]
                ?? throw input.Format(section.Name, $"byte 0x{relocation.Offset:x} refers to symbol {symbol.Index} '{symbol.Name}', whose section is not linked");
            if (symbol.Type == ElfSymbolType.Section)
            {
                Shift(input, section, place, relocation, input.Places[symbol.SectionIndex]!.Offset);
            }
            else if (JumpTableMerger.IsTable(input, symbol))
            {
                tables.Move(symbol, place);
            }

            place.Section.Relocations.Add(new LinkedRelocation(relocation.Offset + (ulong)place.Offset, relocation.Type, target));
        }
    }

    // For a reference to a section symbol, the instruction contains the offset in the section: in bytes, or for calls in instructions.
    private static void Shift(LinkInput input, ElfSection section, SectionPlace place, ElfRelocation relocation, int by)
    {
        if (!section.IsExecutable || relocation.Offset % BpfInstruction.Size != 0)
        {
            throw input.Format(section.Name, $"byte 0x{relocation.Offset:x} refers to a static symbol; in objects to be linked, only instructions can");
        }

        Span<byte> instruction = place.Section.Contents.AsSpan(place.Offset + (int)relocation.Offset, BpfInstruction.Size);
        const byte Call = 0x85;
        int shift = instruction[0] == Call ? by / BpfInstruction.Size : by;
        Span<byte> immediate = instruction.Slice(ImmediateOffset);
        if (input.Elf.IsLittleEndian)
        {
            BinaryPrimitives.WriteInt32LittleEndian(immediate, unchecked(BinaryPrimitives.ReadInt32LittleEndian(immediate) + shift));
        }
        else
        {
            BinaryPrimitives.WriteInt32BigEndian(immediate, unchecked(BinaryPrimitives.ReadInt32BigEndian(immediate) + shift));
        }
    }
}
