using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

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
