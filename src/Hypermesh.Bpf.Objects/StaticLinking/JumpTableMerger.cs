using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.ProgramLinking;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Adjusts the targets in the jump tables of one file. They are offsets in the section of the jumping function, and have no relocations.</summary>
internal sealed class JumpTableMerger(LinkInput input)
{
    private const int EntrySize = sizeof(ulong);

    private readonly Dictionary<int, SectionPlace> _moved = [];

    public static bool IsTable(LinkInput input, ElfSymbol symbol)
        => symbol.Type != ElfSymbolType.Section && symbol.SectionIndex < input.Places.Length
            && input.Places[symbol.SectionIndex]?.Section is { Name: JumpTableReader.Section, Type: ElfSectionType.Contents };

    /// <summary>Adjusts a table once, even when its function refers to it several times.</summary>
    public void Move(ElfSymbol table, SectionPlace code)
    {
        if (_moved.TryGetValue(table.Index, out SectionPlace? earlier))
        {
            if (earlier.Section != code.Section)
            {
                throw input.Format(JumpTableReader.Section, $"table '{table.Name}' is used in both {earlier.Section.Name} and {code.Section.Name}");
            }

            return;
        }

        _moved.Add(table.Index, code);
        SectionPlace place = input.Places[table.SectionIndex]!;
        ulong size = input.Elf.Sections[table.SectionIndex].Size;
        if (table.Value > size || table.Size > size - table.Value || table.Size % EntrySize != 0)
        {
            throw input.Format(JumpTableReader.Section, $"table '{table.Name}' of {table.Size} bytes does not consist of whole entries within the section of {size} bytes");
        }

        Span<byte> entries = place.Section.Contents.AsSpan(place.Offset + (int)table.Value, (int)table.Size);
        for (int at = 0; at < entries.Length; at += EntrySize)
        {
            Span<byte> entry = entries.Slice(at, EntrySize);
            if (input.Elf.IsLittleEndian)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(entry, unchecked(BinaryPrimitives.ReadUInt64LittleEndian(entry) + (ulong)code.Offset));
            }
            else
            {
                BinaryPrimitives.WriteUInt64BigEndian(entry, unchecked(BinaryPrimitives.ReadUInt64BigEndian(entry) + (ulong)code.Offset));
            }
        }
    }
}
