using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.ProgramLinking;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Merges the symbols with one name, and rejects those that do not fit together.</summary>
internal sealed class SymbolMerger(string outputName)
{
    private const int FirstReservedSection = 0xff00;
    private const string MapsSection = ".maps";

    private readonly List<LinkedSymbol> _locals = [];
    private readonly List<string> _order = [];
    private readonly Dictionary<string, LinkedSymbol> _globals = new(StringComparer.Ordinal);

    /// <summary>Returns the numbered symbols in the order of the symbol table: local symbols come first, as ELF requires.</summary>
    public static IReadOnlyList<LinkedSymbol> Merge(IReadOnlyList<LinkInput> inputs, string outputName)
    {
        var merger = new SymbolMerger(outputName);
        foreach (LinkInput input in inputs)
        {
            foreach (ElfSymbol symbol in input.Elf.Symbols.Skip(1))
            {
                input.Symbols[symbol.Index] = merger.Add(input, symbol);
            }
        }

        List<LinkedSymbol> all = [.. merger._locals, .. merger._order.Select(name => merger._globals[name])];
        for (int i = 0; i < all.Count; i++)
        {
            all[i].Index = i + 1;
        }

        // The symbol that is used for each name is known only now.
        foreach (LinkInput input in inputs)
        {
            for (int i = 0; i < input.Symbols.Length; i++)
            {
                input.Symbols[i] = input.Symbols[i] is { Index: 0 } lost ? merger._globals[lost.Name] : input.Symbols[i];
            }
        }

        return all;
    }

    private LinkedSymbol? Add(LinkInput input, ElfSymbol symbol)
    {
        SectionPlace? place = PlaceOf(input, symbol);
        if (symbol.Type == ElfSymbolType.Section)
        {
            return place is null ? null : place.Section.Symbol ??= Local(input, symbol, place);
        }

        if (place is { IsShared: true })
        {
            return _globals.TryGetValue(symbol.Name, out LinkedSymbol? shared) && shared.Place?.Section == place.Section ? shared : null;
        }

        if (symbol.Binding == ElfSymbolBinding.Local || place?.Section.Name == JumpTableReader.Section)
        {
            return place is not null || symbol.SectionIndex >= FirstReservedSection ? Local(input, symbol, place) : null;
        }

        if (symbol.SectionIndex != 0 && place is null)
        {
            return symbol.SectionIndex < FirstReservedSection ? null : throw input.Format(null, $"'{symbol.Name}' is a global symbol with the reserved section index 0x{symbol.SectionIndex:x}, which cannot be linked");
        }

        return Global(input, symbol, place);
    }

    private static SectionPlace? PlaceOf(LinkInput input, ElfSymbol symbol)
    {
        if (symbol.SectionIndex is 0 or >= FirstReservedSection)
        {
            return null;
        }

        return symbol.SectionIndex < input.Places.Length
            ? input.Places[symbol.SectionIndex]
            : throw input.Format(null, $"'{symbol.Name}' refers to section {symbol.SectionIndex}, but the file has only {input.Places.Length}");
    }

    private LinkedSymbol Local(LinkInput input, ElfSymbol symbol, SectionPlace? place)
    {
        var local = new LinkedSymbol(input, symbol, place);
        _locals.Add(local);
        return local;
    }

    private LinkedSymbol Global(LinkInput input, ElfSymbol symbol, SectionPlace? place)
    {
        int typeId = input.Declarations.Find(symbol.Name);
        if (place is null && typeId == 0)
        {
            throw input.Format(null, $"'{symbol.Name}' is declared extern, but the object has no BTF to say what it is: compile with -g");
        }

        var found = new LinkedSymbol(input, symbol, place) { TypeId = typeId, SectionName = place?.Section.Name ?? input.Declarations.SectionOf(typeId) };
        if (!_globals.TryGetValue(symbol.Name, out LinkedSymbol? earlier))
        {
            _order.Add(symbol.Name);
            _globals.Add(symbol.Name, found);
            return found;
        }

        Check(earlier, found);
        return _globals[symbol.Name] = earlier.Join(found);
    }

    private void Check(LinkedSymbol earlier, LinkedSymbol later)
    {
        string files = $"{earlier.Origin.FileName} and {later.Origin.FileName}";
        if (earlier.IsStrongDefinition && later.IsStrongDefinition)
        {
            throw Refuse(later, $"'{later.Name}' is defined in both {files}; make one of them __weak or static");
        }

        if ((earlier.IsExtern || later.IsExtern) && earlier.SectionName is { } one && later.SectionName is { } other && one != other)
        {
            throw Refuse(later, $"'{later.Name}' is in section {one} of {earlier.Origin.FileName} and in section {other} of {later.Origin.FileName}");
        }

        if (earlier.TypeId == 0 || later.TypeId == 0)
        {
            throw Refuse(later, $"'{later.Name}' is in both {files}, but without BTF their types cannot be compared: compile with -g");
        }

        string? difference = (earlier.SectionName ?? later.SectionName) == MapsSection ? MapAgreement.Difference(earlier, later)
            : new TypeAgreement(earlier.Origin.Types!, later.Origin.Types!).Difference(earlier.TypeId, later.TypeId);
        if (difference is not null)
        {
            throw Refuse(later, $"'{later.Name}' differs between {files}: {difference}");
        }
    }

    private BpfException Refuse(LinkedSymbol symbol, string problem) => new(problem, outputName, symbol.Name);
}
