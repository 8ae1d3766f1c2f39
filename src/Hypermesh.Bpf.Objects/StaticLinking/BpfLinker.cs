using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Links several objects into one, as <c>bpftool gen object</c> and libbpf's <c>bpf_linker</c> do. Requires neither a kernel nor privileges.</summary>
/// <remarks>
/// Sections with one name are concatenated. One object can define the functions, variables and maps that another declares <c>extern</c>. At most one
/// definition of a name may be strong; all objects use it, or else the first weak one. <c>static</c> symbols stay private to their file.
/// Externs without a definition stay extern for the kernel (<c>__ksym</c>, <c>__kconfig</c>). Equal types are kept once. DWARF is removed.
/// The output is deterministic: the same objects in the same order give the same bytes.
/// </remarks>
internal static class BpfLinker
{
    /// <summary>Links objects.</summary>
    /// <param name="objects">One or more compiled objects with the same byte order and license, each with a name for messages.</param>
    /// <param name="name">The name of the linked object, for messages.</param>
    /// <returns>The linked object, which can be opened like any other.</returns>
    /// <exception cref="BpfException">
    /// Two objects do not fit together: a symbol is defined twice, a declaration differs from the definition, or sections with one name or licenses differ.
    /// The message names both files and the symbol or section.
    /// </exception>
    /// <exception cref="BpfObjectFormatException">One of the files is not an eBPF object, or is damaged.</exception>
    public static byte[] Link(IReadOnlyList<(ReadOnlyMemory<byte> Image, string Name)> objects, string name)
    {
        if (objects.Count == 0)
        {
            throw new BpfException($"linking {name} requires at least one object", name, null);
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
