using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Creates the data sections of the linked BTF: the variables of all objects, with the offsets and sizes that compilers omit.</summary>
internal static class DataSectionMerger
{
    private const int MostEntries = 0xffff;

    public static void Append(IReadOnlyList<LinkInput> inputs, IReadOnlyList<LinkedSection> sections, List<uint[]> records, LinkedStrings strings)
    {
        Dictionary<string, LinkedSection> byName = sections.ToDictionary(static section => section.Name, StringComparer.Ordinal);
        var entries = new Dictionary<string, List<BtfSectionVariable>>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (LinkInput input in inputs)
        {
            for (int id = 1; id < input.TypeIds.Length; id++)
            {
                BtfType type = input.Types![id];
                if (type.Kind != BtfKind.DataSection || IsUnknownOrShared(input, type.Name))
                {
                    continue;
                }

                if (!entries.TryGetValue(type.Name, out List<BtfSectionVariable>? list))
                {
                    list = [];
                    entries.Add(type.Name, list);
                    order.Add(type.Name);
                }

                Collect(input, type, list);
            }
        }

        foreach (string name in order)
        {
            uint size = byName.TryGetValue(name, out LinkedSection? section) ? (uint)section.Size : 0;
            records.Add(Record(name, size, entries[name], strings));
        }
    }

    private static bool IsUnknownOrShared(LinkInput input, string name)
        => name == SymbolTypes.UnknownSection || (input.Elf.FindSection(name) is { } section && input.Places[section.Index] is { IsShared: true });

    private static void Collect(LinkInput input, BtfType dataSection, List<BtfSectionVariable> list)
    {
        int begin = input.Elf.FindSection(dataSection.Name) is { } section ? input.Places[section.Index]?.Offset ?? 0 : 0;
        for (int i = 0; i < dataSection.Length; i++)
        {
            BtfSectionVariable entry = dataSection.SectionVariable(i);
            int id = input.TypeIds[entry.TypeId];
            BtfType type = input.Types![entry.TypeId];
            LinkedSymbol? symbol = SymbolTypes.IsShared(type) ? input.SymbolOf(type.Name) : null;
            bool isElsewhere = symbol is not null && (symbol.Origin != input || symbol.TypeId != entry.TypeId);
            if (id != 0 && !isElsewhere)
            {
                list.Add(new BtfSectionVariable(id, symbol is { IsExtern: false } ? (uint)symbol.Value : entry.Offset + (uint)begin, entry.Size));
            }
        }
    }

    private static uint[] Record(string name, uint size, List<BtfSectionVariable> entries, LinkedStrings strings)
    {
        if (entries.Count > MostEntries)
        {
            throw new BpfException($"section {name} of the linked object would have {entries.Count} variables; the limit of BTF is {MostEntries}");
        }

        // The kernel requires ascending offsets. The sort is stable, so variables with equal offsets keep their order.
        return
        [
            strings.Name(name), ((uint)BtfKind.DataSection << 24) | (uint)entries.Count, size,
            .. entries.OrderBy(static entry => entry.Offset).SelectMany(static entry => new[] { (uint)entry.TypeId, entry.Offset, entry.Size }),
        ];
    }
}
