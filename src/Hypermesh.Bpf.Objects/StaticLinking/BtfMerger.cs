using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>
/// Concatenates the types of all objects and merges equal ones. Functions and variables with one name get the type of the symbol that is used; data sections are
/// created afterwards.
/// </summary>
internal sealed class BtfMerger(LinkedStrings strings)
{
    private readonly List<uint[]> _records = [];
    private readonly List<LinkInput> _owners = [];

    /// <summary>Returns the merged records; the first has ID 1.</summary>
    public static List<uint[]> Merge(IReadOnlyList<LinkInput> inputs, LinkedStrings strings)
    {
        var merger = new BtfMerger(strings);
        var symbols = new Dictionary<string, LinkedSymbol>(StringComparer.Ordinal);
        foreach (LinkedSymbol? symbol in inputs.SelectMany(static input => input.Symbols))
        {
            if (symbol is { TypeId: > 0 })
            {
                symbols[symbol.Name] = symbol;
            }
        }

        foreach (LinkInput input in inputs)
        {
            merger.Append(input, symbols);
        }

        foreach (LinkInput input in inputs)
        {
            Follow(input, symbols);
        }

        merger.MoveReferences();
        return merger.Join(inputs);
    }

    private void Append(LinkInput input, Dictionary<string, LinkedSymbol> symbols)
    {
        for (int id = 1; id < input.TypeIds.Length; id++)
        {
            BtfType type = input.Types![id];
            if (IsKept(input, type, symbols))
            {
                uint[] record = BtfRecord.Copy(type);
                BtfRecord.MapNames(record, name => strings.Move(input, name));
                _records.Add(record);
                _owners.Add(input);
                input.TypeIds[id] = _records.Count;
            }
        }
    }

    // A non-static variable without a symbol was in a section that another object already has (license), or is an unused extern.
    private static bool IsKept(LinkInput input, BtfType type, Dictionary<string, LinkedSymbol> symbols)
    {
        if (type.Kind == BtfKind.DeclarationTag)
        {
            BtfType target = input.Types![type.TypeId];
            return target.Kind != BtfKind.DeclarationTag && (IsFollowed(target, symbols) || IsKept(input, target, symbols));
        }

        return type.Kind != BtfKind.DataSection
            && (!SymbolTypes.IsShared(type)
                || (symbols.TryGetValue(type.Name, out LinkedSymbol? symbol) ? symbol.Origin == input && symbol.TypeId == type.Id : type.Kind == BtfKind.Function));
    }

    private static bool IsFollowed(BtfType type, Dictionary<string, LinkedSymbol> symbols) => SymbolTypes.IsShared(type) && symbols.ContainsKey(type.Name);

    private static void Follow(LinkInput input, Dictionary<string, LinkedSymbol> symbols)
    {
        for (int id = 1; id < input.TypeIds.Length; id++)
        {
            if (input.TypeIds[id] == 0 && SymbolTypes.IsShared(input.Types![id]) && symbols.TryGetValue(input.Types[id].Name, out LinkedSymbol? symbol))
            {
                input.TypeIds[id] = symbol.Origin.TypeIds[symbol.TypeId];
            }
        }
    }

    private void MoveReferences()
    {
        for (int i = 0; i < _records.Count; i++)
        {
            LinkInput owner = _owners[i];
            BtfRecord.MapTypes(_records[i], id => id == 0 ? 0 : id < (uint)owner.TypeIds.Length && owner.TypeIds[id] > 0
                ? (uint)owner.TypeIds[id]
                : throw owner.Format(".BTF", $"a type refers to type {id}, which does not exist or cannot be referred to"));
        }
    }

    private List<uint[]> Join(IReadOnlyList<LinkInput> inputs)
    {
        int[] numbers = BtfDeduplicator.Renumber(_records);
        var kept = new List<uint[]>(_records.Count);
        for (int i = 0; i < _records.Count; i++)
        {
            if (numbers[i + 1] > kept.Count)
            {
                BtfRecord.MapTypes(_records[i], id => (uint)numbers[id]);
                kept.Add(_records[i]);
            }
        }

        foreach (LinkInput input in inputs)
        {
            for (int id = 1; id < input.TypeIds.Length; id++)
            {
                input.TypeIds[id] = numbers[input.TypeIds[id]];
            }
        }

        return kept;
    }
}
