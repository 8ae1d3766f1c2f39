namespace Hypermesh.Bpf.Objects.Binaries;

/// <summary>The versions a library defines for its functions (<c>.gnu.version_d</c>).</summary>
internal sealed class SymbolVersions
{
    private readonly Dictionary<int, string> _names = [];

    internal SymbolVersions(BinaryFile file)
    {
        if (file.Find(BinarySection.VersionDefinitions) is not { } section || section.Link >= (uint)file.Sections.Count)
        {
            return;
        }

        FormatReader definitions = file.Contents(section);
        var strings = new BinaryWindow(file, file.Sections[(int)section.Link]);
        long at = 0;
        while (true)
        {
            _names[definitions.U16(at + 4)] = strings.String(definitions.U32(at + definitions.U32(at + 12)));
            uint next = definitions.U32(at + 16);
            if (next == 0)
            {
                return;
            }

            at += next;
        }
    }

    /// <summary>True when a function is of the version asked for; without one, when it is what new callers get.</summary>
    internal bool Accept(BinarySymbol symbol, string? version)
        => version is null
            ? !symbol.IsHiddenVersion
            : _names.TryGetValue(symbol.Version, out string? name) && name == version;
}
