using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>One symbol of the linked object. It is defined by the strongest symbol with its name.</summary>
internal sealed class LinkedSymbol(LinkInput origin, ElfSymbol symbol, SectionPlace? place)
{
    public string Name => Symbol.Name;

    /// <summary>The object whose symbol is used.</summary>
    public LinkInput Origin { get; private set; } = origin;

    /// <summary>The symbol that is used, as in its object.</summary>
    public ElfSymbol Symbol { get; private set; } = symbol;

    /// <summary>The position of its section; null for an extern.</summary>
    public SectionPlace? Place { get; private set; } = place;

    /// <summary>The ID of its type in the object whose symbol is used; 0 when BTF does not have it.</summary>
    public int TypeId { get; init; }

    /// <summary>The name of its section, or for an extern, of its declared section; null for an extern without one.</summary>
    public string? SectionName { get; init; }

    public ElfSymbolBinding Binding { get; private set; } = symbol.Binding;

    public byte Visibility { get; private set; } = symbol.Visibility;

    public bool IsExtern => Place is null;

    /// <summary>Its index in the symbol table; set when the table is complete.</summary>
    public int Index { get; set; }

    /// <summary>The offset in the linked section, in bytes; 0 for the symbol of the section itself.</summary>
    public ulong Value => Symbol.Type == ElfSymbolType.Section ? 0 : Symbol.Value + (ulong)(Place?.Offset ?? 0);

    // A definition has precedence over a declaration, a strong one over a weak one, and a declaration with a section over one without.
    private int Strength => IsExtern ? (SectionName is null ? 0 : 1) : Symbol.Binding == ElfSymbolBinding.Weak ? 2 : 3;

    public bool IsStrongDefinition => Strength == 3;

    /// <summary>Returns the stronger of two symbols with one name, with the stricter binding and visibility of both.</summary>
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

/// <summary>The types of an object's non-static functions and variables, by name.</summary>
internal sealed class SymbolTypes
{
    /// <summary>The data section in which clang lists extern variables without a section.</summary>
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

    /// <summary>Returns true for functions and variables that are not <c>static</c>.</summary>
    public static bool IsShared(BtfType type) => type.Kind is BtfKind.Function or BtfKind.Variable && type.Linkage != 0;

    /// <summary>Returns the ID of a symbol's type; 0 when BTF does not have it.</summary>
    public int Find(string name) => _ids.TryGetValue(name, out int id) ? id : 0;

    /// <summary>Returns the section of a variable or function in BTF; null when there is none.</summary>
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
