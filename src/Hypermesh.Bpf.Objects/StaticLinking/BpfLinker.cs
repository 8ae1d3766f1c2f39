using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Objects;

/// <summary>Makes one object of several, as <c>bpftool gen object</c> and libbpf's <c>bpf_linker</c> do; needs no kernel and no privilege.</summary>
/// <remarks>
/// Sections of one name are put behind each other. What one object declares <c>extern</c> another may define: functions, variables, maps. Of
/// definitions of one name at most one may be strong; it, or else the first weak one, is taken everywhere. <c>static</c> stays with its file.
/// What no object defines stays extern for the kernel (<c>__ksym</c>, <c>__kconfig</c>). Types that are the same are kept once. DWARF is left out.
/// The same objects in the same order always give the same bytes.
/// </remarks>
public static class BpfLinker
{
    /// <summary>Links objects.</summary>
    /// <param name="objects">The compiled objects, of one byte order and one license, each with a name for messages; one is enough.</param>
    /// <param name="name">The result's name, for messages.</param>
    /// <returns>The linked object, to be opened as any other.</returns>
    /// <exception cref="BpfException">
    /// Two objects do not go together: a symbol is defined twice, declared otherwise than it is defined, sections of one name or licenses differ.
    /// The message names both files and the symbol or section.
    /// </exception>
    /// <exception cref="BpfObjectFormatException">One of the files is not an eBPF object, or is damaged.</exception>
    public static byte[] Link(IReadOnlyList<(ReadOnlyMemory<byte> Image, string Name)> objects, string name)
    {
        if (objects.Count == 0)
        {
            throw new BpfException($"object {name} is to be linked of no objects at all", name, null);
        }

        LinkInput[] inputs = [.. objects.Select(static one => LinkInput.Read(one.Image, one.Name))];
        if (Array.Find(inputs, input => input.Elf.IsLittleEndian != inputs[0].Elf.IsLittleEndian) is { } other)
        {
            throw new BpfException($"{other.FileName} and {inputs[0].FileName} have different byte orders", name, null);
        }

        IReadOnlyList<LinkedSection> sections = SectionMerger.Merge(inputs, name);
        IReadOnlyList<LinkedSymbol> symbols = SymbolMerger.Merge(inputs, name);
        RelocationMerger.Merge(inputs);
        byte[]? types = null;
        byte[]? extension = null;
        if (Array.Exists(inputs, static input => input.Types is not null))
        {
            var strings = new LinkedStrings(inputs);
            List<uint[]> records = BtfMerger.Merge(inputs, strings);
            DataSectionMerger.Append(inputs, sections, records, strings);
            extension = new ExtensionMerger(strings, inputs[0].Elf.IsLittleEndian).Merge(inputs, sections);
            types = LinkedBtf.Write(records, strings.ToArray(), inputs[0].Elf.IsLittleEndian);
        }

        return new LinkedElf(inputs[0].Elf, sections, symbols).Write(types, extension);
    }
}
