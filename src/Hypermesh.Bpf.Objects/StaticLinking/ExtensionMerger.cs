using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Creates the linked <c>.BTF.ext</c>: the functions, C lines and CO-RE relocations of each section, with their new offsets.</summary>
internal sealed class ExtensionMerger(LinkedStrings strings, bool isLittleEndian)
{
    private const int HeaderSize = 32;

    /// <summary>Returns the blob; null when no object has one.</summary>
    public byte[]? Merge(IReadOnlyList<LinkInput> inputs, IReadOnlyList<LinkedSection> sections)
    {
        if (inputs.All(static input => input.Extension is null))
        {
            return null;
        }

        foreach (LinkInput input in inputs)
        {
            foreach (ElfSection section in input.Elf.Sections)
            {
                if (input.Extension is { } extension && input.Places[section.Index] is { } place && input.Elf.FindSection(section.Name) == section)
                {
                    Move(input, extension, section.Name, place);
                }
            }
        }

        byte[][] blocks =
        [
            Block(sections, 2, static section => section.Functions, static info => [info.InstructionOffset, (uint)info.TypeId]),
            Block(sections, 4, static section => section.Lines, static info => [info.InstructionOffset, info.FileNameOffset, info.TextOffset, info.LineAndColumn]),
            Block(sections, 4, static section => section.CoreRelocations, static info => [info.InstructionOffset, (uint)info.TypeId, info.AccessOffset, (uint)info.Kind]),
        ];
        return Write(blocks);
    }

    private void Move(LinkInput input, BtfExtension extension, string name, SectionPlace place)
    {
        uint by = (uint)place.Offset;
        place.Section.Functions.AddRange(extension.FunctionsOf(name).Select(info => new BtfFunctionInfo(info.InstructionOffset + by, input.TypeIds[info.TypeId])));
        place.Section.Lines.AddRange(extension.LinesOf(name).Select(info => info with
        {
            InstructionOffset = info.InstructionOffset + by,
            FileNameOffset = strings.Move(input, info.FileNameOffset),
            TextOffset = strings.Move(input, info.TextOffset),
        }));
        place.Section.CoreRelocations.AddRange(extension.RelocationsOf(name).Select(info => info with
        {
            InstructionOffset = info.InstructionOffset + by,
            TypeId = input.TypeIds[info.TypeId],
            AccessOffset = strings.Move(input, info.AccessOffset),
        }));
    }

    private byte[] Block<T>(IReadOnlyList<LinkedSection> sections, int recordWords, Func<LinkedSection, List<T>> recordsOf, Func<T, uint[]> words)
    {
        var block = new ElfWriter(isLittleEndian);
        foreach (LinkedSection section in sections.Where(section => recordsOf(section).Count > 0))
        {
            if (block.Length == 0)
            {
                block.AppendU32((uint)(recordWords * sizeof(uint)));
            }

            block.AppendU32(strings.Name(section.Name));
            block.AppendU32((uint)recordsOf(section).Count);
            foreach (uint word in recordsOf(section).SelectMany(words))
            {
                block.AppendU32(word);
            }
        }

        return block.ToArray();
    }

    private byte[] Write(byte[][] blocks)
    {
        var blob = new ElfWriter(isLittleEndian);
        LinkedBtf.AppendHeader(blob, HeaderSize);
        uint at = 0;
        foreach (byte[] block in blocks)
        {
            blob.AppendU32(at);
            blob.AppendU32((uint)block.Length);
            at += (uint)block.Length;
        }

        foreach (byte[] block in blocks)
        {
            blob.Append(block);
        }

        return blob.ToArray();
    }
}
