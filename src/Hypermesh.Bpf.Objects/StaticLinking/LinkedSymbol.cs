using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>One symbol of the linked object, as the strongest of those that bear its name says.</summary>
internal sealed class LinkedSymbol(LinkInput origin, ElfSymbol symbol, SectionPlace? place)
{
    public string Name => Symbol.Name;

    /// <summary>The object whose symbol counts.</summary>
    public LinkInput Origin { get; private set; } = origin;

    /// <summary>The symbol that counts, as it stands in its object.</summary>
    public ElfSymbol Symbol { get; private set; } = symbol;

    /// <summary>Where its section lies; null for an extern.</summary>
    public SectionPlace? Place { get; private set; } = place;

    /// <summary>Its type in the object whose symbol counts; 0 where BTF says nothing.</summary>
    public int TypeId { get; init; }

    /// <summary>The section it is in or, for an extern, said to be in; null for an extern that states none.</summary>
    public string? SectionName { get; init; }

    public ElfSymbolBinding Binding { get; private set; } = symbol.Binding;

    public byte Visibility { get; private set; } = symbol.Visibility;

    public bool IsExtern => Place is null;

    /// <summary>Its place in the symbol table, once that is laid out.</summary>
    public int Index { get; set; }

    /// <summary>The byte within the linked section; a section's own symbol stands at its beginning.</summary>
    public ulong Value => Symbol.Type == ElfSymbolType.Section ? 0 : Symbol.Value + (ulong)(Place?.Offset ?? 0);

    // A definition counts before a declaration, a strong one before a weak one, a declaration that says where before one that does not.
    private int Strength => IsExtern ? (SectionName is null ? 0 : 1) : Symbol.Binding == ElfSymbolBinding.Weak ? 2 : 3;

    public bool IsStrongDefinition => Strength == 3;

    /// <summary>Which of two of one name counts; it gets the stricter binding and visibility of both.</summary>
    public LinkedSymbol Join(LinkedSymbol later)
    {
        LinkedSymbol counts = later.Strength > Strength ? later : this;
        LinkedSymbol other = counts == this ? later : this;
        if (other.Binding == ElfSymbolBinding.Global)
        {
            counts.Binding = ElfSymbolBinding.Global;
        }

        counts.Visibility = Math.Max(counts.Visibility, other.Visibility);
        return counts;
    }
}

/// <summary>The types of an object's functions and variables that others may see, by name.</summary>
internal sealed class SymbolTypes
{
    /// <summary>Where clang lists variables that are extern and say nothing of where they are.</summary>
    public const string UnknownSection = ".extern";

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _sections = [];

    public static SymbolTypes Read(BtfTypes? types)
    {
        var all = new SymbolTypes();
        for (int id = 1; types is not null && id < types.Count; id++)
        {
            BtfType type = types[id];
            if (type.Kind == BtfKind.DataSection)
            {
                all.AddSection(type);
            }
            else if (IsShared(type) && type.Name is { Length: > 0 } name && !all._ids.ContainsKey(name))
            {
                all._ids.Add(name, id);
            }
        }

        return all;
    }

    /// <summary>True for functions and variables that are not <c>static</c>.</summary>
    public static bool IsShared(BtfType type) => type.Kind is BtfKind.Function or BtfKind.Variable && type.Linkage != 0;

    /// <summary>The type of a symbol; 0 where BTF says nothing of it.</summary>
    public int Find(string name) => _ids.TryGetValue(name, out int id) ? id : 0;

    /// <summary>The section BTF says a variable or function is in; null where it says none.</summary>
    public string? SectionOf(int id) => _sections.TryGetValue(id, out string? section) ? section : null;

    private void AddSection(BtfType dataSection)
    {
        string name = dataSection.Name;
        for (int i = 0; name != UnknownSection && i < dataSection.Length; i++)
        {
            _sections[dataSection.SectionVariable(i).TypeId] = name;
        }
    }
}
