using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Concatenates the sections with one name.</summary>
internal sealed class SectionMerger(string outputName)
{
    // One page: the kernel aligns a map's values to at most a page, so a larger alignment has no effect, and the limit keeps padding small.
    private const ulong LargestAlignment = 4096;

    private readonly Dictionary<string, LinkedSection> _byName = new(StringComparer.Ordinal);
    private readonly List<LinkedSection> _sections = [];

    public static IReadOnlyList<LinkedSection> Merge(IReadOnlyList<LinkInput> inputs, string outputName)
    {
        var merger = new SectionMerger(outputName);
        foreach (LinkInput input in inputs)
        {
            foreach (ElfSection section in input.Elf.Sections.Where(section => IsMerged(input, section)))
            {
                input.Places[section.Index] = merger.Place(input, section);
            }
        }

        foreach (LinkInput input in inputs)
        {
            foreach (ElfSection section in input.Elf.Sections)
            {
                if (section.Type == ElfSectionType.Contents && input.Places[section.Index] is { IsShared: false } place)
                {
                    section.Data.Span.CopyTo(place.Section.Contents.AsSpan(place.Offset));
                }
            }
        }

        return merger._sections;
    }

    // Symbols, strings, relocations and BTF are written separately; DWARF is removed.
    private static bool IsMerged(LinkInput input, ElfSection section)
    {
        switch (section.Type)
        {
            case ElfSectionType.Null or ElfSectionType.StringTable or ElfSectionType.SymbolTable or ElfSectionType.Relocations or ElfSectionType.LlvmAddressSignificance:
                return false;
            case ElfSectionType.Contents or ElfSectionType.NoBits:
                return section.Name is not (".BTF" or ".BTF.ext") && !IsDebug(section.Name) && (section.Size > 0 || section.Name != ".text");
            default:
                return IsDebug(section.Name) || section.Name.StartsWith(".rela.debug_", StringComparison.Ordinal)
                    ? false
                    : throw input.Format(section.Name, $"sections of type {section.Type} cannot be linked");
        }
    }

    private static bool IsDebug(string name) => name.StartsWith(".debug_", StringComparison.Ordinal);

    private SectionPlace Place(LinkInput input, ElfSection section)
    {
        if (section.Alignment > LargestAlignment || (section.Alignment & (section.Alignment - 1)) != 0)
        {
            throw input.Format(section.Name, $"its alignment is {section.Alignment}; it must be a power of two up to {LargestAlignment}");
        }

        if (section.IsExecutable && section.Size % BpfInstruction.Size != 0)
        {
            throw input.Format(section.Name, $"{section.Size} bytes are not a multiple of the size of an instruction");
        }

        if (!_byName.TryGetValue(section.Name, out LinkedSection? linked))
        {
            linked = new LinkedSection(section, input.FileName);
            _byName.Add(section.Name, linked);
            _sections.Add(linked);
        }
        else
        {
            CheckAlike(input, section, linked);
            if (section.Name is "license" or "version")
            {
                CheckEqual(input, section, linked);
                return new SectionPlace(linked, 0, IsShared: true);
            }
        }

        int offset = linked.Reserve(section) ?? throw input.Format(section.Name, $"its {section.Size} bytes make the linked section larger than 1 GiB");
        return new SectionPlace(linked, offset, IsShared: false);
    }

    private void CheckAlike(LinkInput input, ElfSection section, LinkedSection linked)
    {
        string? what = section.Type != linked.Type ? $"type ({section.Type} and {linked.Type})"
            : section.Flags != linked.Flags ? $"flags (0x{section.Flags:x} and 0x{linked.Flags:x})"
            : section.EntrySize != linked.EntrySize ? $"entry size ({section.EntrySize} and {linked.EntrySize})"
            : null;
        if (what is not null)
        {
            throw new BpfException($"section {section.Name} of {input.FileName} and that of {linked.FirstFile} differ in their {what}", outputName, section.Name);
        }
    }

    private void CheckEqual(LinkInput input, ElfSection section, LinkedSection linked)
    {
        if (!section.Data.Span.SequenceEqual(linked.First.Data.Span))
        {
            throw new BpfException($"{input.FileName} has the {section.Name} {Text(section)}, {linked.FirstFile} {Text(linked.First)}; they must agree", outputName, section.Name);
        }
    }

    private static string Text(ElfSection section)
        => section.Name == "license" ? $"'{FormatReader.Utf8(section.Data.Span).TrimEnd('\0')}'" : "0x" + BitConverter.ToString(section.Data.ToArray()).Replace("-", "");
}
